import type { Selectable } from "kysely";
import type { OperationId } from "#core/ids.ts";
import type { OperationRecord } from "#core/operation-record.ts";
import type { OperationsTable } from "#operations/database/schema.ts";

/** Everything of an operation but its frozen specification, which is large. */
export const recordColumns = [
  "id",
  "request",
  "scenario",
  "state",
  "requester",
  "submitted_at",
  "started_at",
  "finished_at",
  "cancel_requested_at",
  "layer_results",
  "result",
  "last_sequence",
] as const;

export type RecordRow = Pick<Selectable<OperationsTable>, (typeof recordColumns)[number]>;

export function toRecord(row: RecordRow): OperationRecord {
  return {
    ...row.request,
    id: row.id as OperationId,
    scenario: row.scenario as OperationRecord["scenario"],
    state: row.state,
    requester: row.requester,
    submittedAt: row.submitted_at.toISOString(),
    ...(row.started_at ? { startedAt: row.started_at.toISOString() } : {}),
    ...(row.finished_at ? { finishedAt: row.finished_at.toISOString() } : {}),
    ...(row.cancel_requested_at ? { cancelRequestedAt: row.cancel_requested_at.toISOString() } : {}),
    layerResults: row.layer_results,
    ...(row.result ? { result: row.result } : {}),
    lastSequence: row.last_sequence,
  };
}
