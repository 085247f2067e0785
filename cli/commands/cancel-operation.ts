import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { Invocation } from "#cli/program/strata-command.ts";

/** `strata cancel <operation>`. */
export async function cancelOperation({ session, args }: Invocation<object, [string]>): Promise<ExitCodeName> {
  const record = await (await session.connect()).cancel(args[0]);
  if (session.json) session.terminal.json(record);
  else if (record.state === "cancelled") session.terminal.print(`${record.id} is cancelled`);
  else session.terminal.print([`${record.id} is asked to stop: steps under way come to their end`, `  strata logs ${record.id} --follow`]);
  return "ok";
}
