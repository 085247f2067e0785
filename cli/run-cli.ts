import { type Argument, CommanderError } from "commander";
import { type ExitCodeName, exitCodes } from "#cli/exit-codes.ts";
import type { CliPorts } from "#cli/ports.ts";
import { errorText, usageText } from "#cli/print-error.ts";
import { buildProgram } from "#cli/program/build-program.ts";
import type { StrataCommand } from "#cli/program/strata-command.ts";
import { Session } from "#cli/session.ts";
import { Terminal } from "#cli/terminal.ts";
import { systemTime, type Time } from "#cli/time.ts";
import { isStrataError } from "#core/errors.ts";

/**
 * Runs one command line and answers the exit code of `exitCodes` (or that of the engine for `strata pulumi`). Prints errors itself, never rejects.
 * @param argv what follows the program's name
 */
export async function runCli(argv: readonly string[], ports: CliPorts, time: Time = systemTime): Promise<number> {
  const terminal = new Terminal(ports, argv.includes("--no-color"));
  const unread = new AbortController();
  const onOutputError = (error: NodeJS.ErrnoException) => {
    // Whoever read the output has gone (`strata logs | head`).
    if (error.code === "EPIPE") unread.abort();
  };
  ports.stdout.on("error", onOutputError);
  let exit: ExitCodeName | number = "ok";
  const program = buildProgram(
    ports.version,
    {
      session: (options) => new Session({ ports, terminal, time, signal: unread.signal, options }),
      finish: (how) => {
        exit = how;
      },
    },
    (root) => connectOutput(root, ports),
  );
  try {
    await program.parseAsync([...argv], { from: "user" });
    return codeOf(exit);
  } catch (error) {
    if (unread.signal.aborted) return exitCodes.interrupted.code;
    if (error instanceof CommanderError) return usageExit(error, program, argv, ports, terminal);
    const debug = argv.includes("--debug");
    ports.stderr.write(errorText(error, { paint: terminal.errorPaint, json: argv.includes("--json"), debug, invocation: ports.invocation }));
    return codeOf(exitOf(error));
  } finally {
    ports.stdout.off("error", onOutputError);
  }
}

function connectOutput(root: StrataCommand, { stdout, stderr }: CliPorts): void {
  root.configureHelp({ subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentTerm)].join(" ") });
  root.exitOverride().configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    getOutHelpWidth: () => Math.min(stdout.columns || 100, 120),
    getErrHelpWidth: () => Math.min(stderr.columns || 100, 120),
    // Usage errors are printed like all others, below.
    outputError: () => undefined,
  });
}

function argumentTerm(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}

function usageExit(error: CommanderError, program: StrataCommand, argv: readonly string[], ports: CliPorts, terminal: Terminal): number {
  if (error.code === "commander.helpDisplayed" || error.code === "commander.version") return exitCodes.ok.code;
  if (error.code === "commander.help") return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code;
  const detail = `${error.message.replace(/^error: /, "").replace(/\.?$/, ".")} '${commandPath(program, argv)} --help' shows what it takes.`;
  const style = { paint: terminal.errorPaint, json: argv.includes("--json"), debug: false, invocation: ports.invocation };
  ports.stderr.write(usageText(detail, style));
  return exitCodes.usage.code;
}

/** The words of the command line that name a command. */
function commandPath(program: StrataCommand, argv: readonly string[]): string {
  const words = [program.name()];
  let command: StrataCommand | undefined = program;
  for (const word of argv) {
    command = command?.commands.find((candidate) => candidate.name() === word) as StrataCommand | undefined;
    if (!command) break;
    words.push(word);
  }
  return words.join(" ");
}

function exitOf(error: unknown): ExitCodeName {
  if (!isStrataError(error)) return "failed";
  if (error.code === "controller_unreachable") return "unreachable";
  if (error.code === "operation_cancelled") return "cancelled";
  return error.status >= 400 && error.status < 500 ? "usage" : "failed";
}

function codeOf(exit: ExitCodeName | number): number {
  return typeof exit === "number" ? exit : exitCodes[exit].code;
}
