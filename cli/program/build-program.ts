import type { Command } from "commander";
import { addEnvironmentVerbs } from "#cli/program/environment-verbs.ts";
import { addLabVerbs } from "#cli/program/lab-verbs.ts";
import { addMachineVerbs } from "#cli/program/machine-verbs.ts";
import { addOperationVerbs } from "#cli/program/operation-verbs.ts";
import { addReadingVerbs } from "#cli/program/reading-verbs.ts";
import { StrataCommand, type VerbHost } from "#cli/program/strata-command.ts";

/** The whole command line. What a verb does is loaded when it is run, so that help comes at once. */
export function buildProgram(version: string, host: VerbHost, configure: (program: StrataCommand) => void = () => undefined): StrataCommand {
  const program = new StrataCommand("strata");
  // Before any verb is added: they take these settings over when they are made.
  configure(program);
  program
    .description("Deploys the layers of an environment with Pulumi programs: preview, up, refresh, destroy; by the controller of this machine or another.")
    .version(version, "-V, --version", "print the version")
    .helpCommand(false)
    .enablePositionalOptions();
  program
    .example("strata lab up --scenario etl-minimal", "raise the local lab")
    .example("strata status local-lab", "what runs, and how to reach it")
    .example("strata up --help", "everything about one verb");
  program.commandsGroup("Operations:");
  addOperationVerbs(program, host);
  addLabVerbs(program, host);
  program.commandsGroup("Looking:");
  addReadingVerbs(program, host);
  program.commandsGroup("Environments and schedules:");
  addEnvironmentVerbs(program, host);
  program.commandsGroup("This machine:");
  addMachineVerbs(program, host);
  addPulumiVerb(program, host);
  addHelpVerb(program);
  return program;
}

/** Commander's own help command knows one level only. */
function addHelpVerb(program: StrataCommand): void {
  program
    .verb("help [command...]", "Show the help of a command.")
    .example("strata help schedule add", "the same as 'strata schedule add --help'")
    .action((words: string[]) => {
      let command: Command = program;
      for (const word of words) {
        const child = command.commands.find((candidate) => candidate.name() === word);
        if (!child) command.error(`error: unknown command '${word}'`, { code: "commander.unknownCommand" });
        command = child;
      }
      command.outputHelp();
    }).exits = ["ok", "usage"];
}

function addPulumiVerb(program: StrataCommand, host: VerbHost): void {
  program
    .verb("pulumi [arguments...]", "Run the embedded engine like the Pulumi CLI, on the same state. Everything behind 'pulumi' goes to it as it is.")
    .example("strata pulumi preview -s local-lab.lab.platform_base", "one layer by hand")
    .example("strata pulumi --help", "what it understands")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (argv: string[]) => host.finish(await host.session({}).ports.pulumi(argv)));
}
