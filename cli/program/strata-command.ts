import { Command } from "commander";
import { type ExitCodeName, exitCodes } from "#cli/exit-codes.ts";
import type { CommonOptions, Session } from "#cli/session.ts";

/** What a verb gets when it is run. */
export interface Invocation<Options = object, Arguments extends readonly unknown[] = readonly unknown[]> {
  readonly session: Session;
  readonly options: Options & CommonOptions;
  readonly args: Arguments;
}

/** Runs one verb: answers how the process ends. */
export type Verb<Options = object, Arguments extends readonly unknown[] = readonly unknown[]> = (
  invocation: Invocation<Options, Arguments>,
) => Promise<ExitCodeName | number>;

/** How a program runs its verbs; the reference is made from a program whose verbs are never run. */
export interface VerbHost {
  session(options: CommonOptions): Session;
  finish(exit: ExitCodeName | number): void;
}

export interface Example {
  readonly command: string;
  readonly meaning: string;
}

const commonHeading = "Common options:";

/** A commander command that also knows its examples and exit codes, which end its help and fill the reference. */
export class StrataCommand extends Command {
  readonly examples: Example[] = [];
  exits: readonly ExitCodeName[] = [];

  constructor(name?: string) {
    super(name);
    this.helpOption("-h, --help", "show this help");
    this.addHelpText("after", () => this.#extraHelp());
  }

  override createCommand(name?: string): StrataCommand {
    return new StrataCommand(name);
  }

  /** Adds a subcommand; narrows commander's answer to this class. */
  verb(nameAndArguments: string, description: string): StrataCommand {
    return this.command(nameAndArguments).description(description) as StrataCommand;
  }

  example(command: string, meaning: string): this {
    this.examples.push({ command, meaning });
    return this;
  }

  /** Makes this a verb that talks to a controller. */
  overHttp(): this {
    return this.optionsGroup(commonHeading)
      .option("--url <url>", "controller to talk to instead of this machine's own (or STRATA_URL)")
      .option("--token <token>", "its token; STRATA_TOKEN keeps it out of the process list");
  }

  /** Adds what every verb has and what it does. */
  runs<Options extends object, Arguments extends readonly unknown[]>(
    host: VerbHost,
    exits: readonly ExitCodeName[],
    load: () => Promise<Verb<Options, Arguments>>,
  ): this {
    this.exits = exits;
    this.optionsGroup(commonHeading)
      .option("--json", "machine-readable output; errors as one line of JSON on stderr")
      .option("--no-color", "no colours (as do NO_COLOR and output that isn't a terminal)")
      .option("--debug", "show the stack trace of an unexpected error");
    return this.action(async () => {
      const options = this.opts<Options & CommonOptions>();
      const verb = await load();
      host.finish(await verb({ session: host.session(options), options, args: this.processedArgs as unknown as Arguments }));
    });
  }

  #extraHelp(): string {
    const parts: string[] = [];
    if (this.examples.length) {
      const width = Math.max(...this.examples.map((example) => example.command.length));
      parts.push(`\nExamples:\n${this.examples.map(({ command, meaning }) => `  ${command.padEnd(width)}  ${meaning}`).join("\n")}`);
    }
    if (this.exits.length)
      parts.push(`\nExit codes:\n${this.exits.map((name) => `  ${String(exitCodes[name].code).padStart(3)}  ${exitCodes[name].meaning}`).join("\n")}`);
    return parts.join("\n");
  }
}
