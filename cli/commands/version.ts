import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { Invocation } from "#cli/program/strata-command.ts";

/** `strata version`. */
export async function version({ session }: Invocation): Promise<ExitCodeName> {
  const facts = { strata: session.ports.version, node: process.versions.node, platform: `${process.platform}-${process.arch}` };
  if (session.json) session.terminal.json(facts);
  else session.terminal.print(`strata ${facts.strata} (node ${facts.node}, ${facts.platform})`);
  return "ok";
}
