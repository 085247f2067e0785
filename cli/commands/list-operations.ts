import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { formatCounts, formatTime } from "#cli/render/format.ts";
import { table } from "#cli/render/table.ts";
import type { OperationKind, OperationState } from "#core/operation.ts";
import type { OperationRecord } from "#core/operation-record.ts";

export interface ListOptions {
  readonly env?: string;
  readonly kind?: OperationKind;
  readonly state?: OperationState;
  readonly limit: number;
}

/** `strata operations [system]`: newest first. */
export async function listOperations({ session, options, args }: Invocation<ListOptions, [string | undefined]>): Promise<ExitCodeName> {
  const api = await session.connect();
  const { env: environment, kind, state, limit } = options;
  const operations = await api.operations({ system: args[0], environment, kind, state }, limit);
  if (session.json) session.terminal.json(operations);
  else if (!operations.length) session.terminal.print("No operation so far");
  else {
    const titles = ["Operation", "Kind", "Environment", "Scenario", "State", "Submitted (UTC)", "By", "Changes"].map((title) => ({ title }));
    session.terminal.print(table(titles, operations.map(rowOf), session.terminal.paint.bold));
  }
  return "ok";
}

function rowOf(operation: OperationRecord): string[] {
  const { id, kind, system, environment, scenario, state, submittedAt, requester, result } = operation;
  const changes = result ? formatCounts(result.changes, kind === "preview" ? "todo" : "done") : "";
  return [id, kind, `${system}/${environment}`, scenario, state, formatTime(submittedAt), requester, changes];
}
