import { describeCluster } from "#cli/commands/run-operation.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { table } from "#cli/render/table.ts";

/** `strata environments`. */
export async function listEnvironments({ session }: Invocation): Promise<ExitCodeName> {
  const environments = await (await session.connect()).environments();
  if (session.json) {
    session.terminal.json(environments);
    return "ok";
  }
  const rows = environments.map((e) => [`${e.system}/${e.environment}`, e.scenario, describeCluster(e.cluster)]);
  session.terminal.print(table([{ title: "Environment" }, { title: "Scenario" }, { title: "Cluster" }], rows, session.terminal.paint.bold));
  return "ok";
}
