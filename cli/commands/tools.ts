/** `strata tools …`: the binaries that Strata runs. */
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { table } from "#cli/render/table.ts";

/** `strata tools list`. */
export async function listTools({ session }: Invocation): Promise<ExitCodeName> {
  const tools = await session.ports.tools.list();
  if (session.json) session.terminal.json(tools);
  else {
    const rows = tools.map(({ name, version: wanted, state, origin }) => [name, wanted, state, origin]);
    session.terminal.print(table([{ title: "Tool" }, { title: "Version" }, { title: "State" }, { title: "From" }], rows, session.terminal.paint.bold));
  }
  return "ok";
}

/** `strata tools verify`. */
export async function verifyTools({ session, options }: Invocation<{ lock?: boolean }>): Promise<ExitCodeName> {
  const results = await session.ports.tools.verify({ lock: options.lock === true });
  if (session.json) session.terminal.json(results);
  else {
    const rows = results.map(({ name, state, detail }) => [name, state, detail]);
    session.terminal.print(table([{ title: "Tool" }, { title: "State" }, { title: "" }], rows, session.terminal.paint.bold));
  }
  return results.some(({ state }) => state === "mismatch") ? "failed" : "ok";
}
