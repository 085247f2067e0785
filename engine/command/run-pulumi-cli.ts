import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import type { Environment } from "#engine/command/command-context.ts";
import type { EmbeddedCommand } from "#engine/embedded-command.ts";

export interface CliOptions {
  readonly command: Pick<EmbeddedCommand, "execute">;
  readonly cwd: string;
  /** Laid over the environment that the command was made with. */
  readonly environment: Environment;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Where SIGINT and SIGTERM arrive: the process. */
  readonly signals: Pick<NodeJS.EventEmitter, "on" | "off">;
}

/**
 * Runs one command line of the CLI for a person or a script and answers its exit code. The first SIGINT or SIGTERM asks the operation to end, the second
 * gives up on calls under way. Questions are asked only where both ends are a terminal. Never rejects.
 */
export async function runPulumiCli(argv: readonly string[], options: CliOptions): Promise<number> {
  const { command, cwd, environment, stdin, stdout, stderr, signals } = options;
  const cancel = new AbortController();
  const terminate = new AbortController();
  const interrupt = () => {
    if (cancel.signal.aborted) terminate.abort();
    else cancel.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) signals.on(signal, interrupt);
  try {
    return await command.execute(argv, cwd, environment, {
      out: (chunk) => void stdout.write(chunk),
      err: (chunk) => void stderr.write(chunk),
      cancel: cancel.signal,
      terminate: terminate.signal,
      readInput: async () => (stdin.isTTY ? "" : await text(stdin)),
      ...(stdin.isTTY && stdout.isTTY ? { confirm: (question: string) => ask(question, stdin, stdout, cancel.signal) } : {}),
    });
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"]) signals.off(signal, interrupt);
  }
}

async function ask(question: string, stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} (yes/no) `, { signal })).trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
