import { createInterface } from "node:readline/promises";
import type { CliPorts } from "#cli/ports.ts";
import { StrataError } from "#core/errors.ts";

/** Asks on the terminal. Throws `operation_cancelled` when the question is left by Ctrl-C or Ctrl-D. */
export async function prompt({ stdin, stdout }: Pick<CliPorts, "stdin" | "stdout">, question: string): Promise<string> {
  const abort = new AbortController();
  const terminal = createInterface({ input: stdin, output: stdout, terminal: stdin.isTTY === true });
  terminal.on("SIGINT", () => abort.abort());
  terminal.on("close", () => abort.abort());
  try {
    return (await terminal.question(question, { signal: abort.signal })).trim();
  } catch (cause) {
    if (!abort.signal.aborted) throw cause;
    stdout.write("\n");
    throw new StrataError("operation_cancelled", "Nothing was submitted: the question wasn't answered.", { cause });
  } finally {
    terminal.close();
  }
}
