import type { Transaction } from "kysely";
import type { EnvironmentSpec } from "#config/spec.ts";
import type { Clock } from "#core/clock.ts";
import { StrataError } from "#core/errors.ts";
import type { OperationId } from "#core/ids.ts";
import type { LayerResult, OperationEvent, OperationKind, OperationRequest, OperationResult, OperationState } from "#core/operation.ts";
import type { LayerStatus, OperationRecord, Page } from "#core/operation-record.ts";
import type { Database } from "#operations/database/database.ts";
import type { Schema } from "#operations/database/schema.ts";
import { interrupted } from "#operations/early-end.ts";
import type { EventLog } from "#operations/event-log.ts";
import { recordColumns, toRecord } from "#operations/operation-rows.ts";

export interface OperationFilter {
  readonly system?: string;
  readonly environment?: string;
  readonly states?: readonly OperationState[];
  readonly kinds?: readonly OperationKind[];
  /** Those that a schedule asked for. */
  readonly schedule?: string;
  /** Answer of an earlier call: go on after it. */
  readonly cursor?: string;
  /** @default 50 */
  readonly limit?: number;
}

/** What a worker needs to run an operation. */
export interface ClaimedOperation {
  readonly request: OperationRequest;
  readonly spec: EnvironmentSpec;
}

/** Another process has taken the operation over, or it is over: this one must not write about it any more. */
export class LeaseLostError extends Error {
  constructor(id: string) {
    super(`operation ${id} isn't run by this process any more`);
    this.name = "LeaseLostError";
  }
}

/** Reads and writes the records of operations. States go queued → running → succeeded, failed or cancelled, or queued → cancelled. */
export class OperationStore {
  readonly #database: Database;
  readonly #log: EventLog;
  readonly #clock: Clock;

  constructor(database: Database, log: EventLog, clock: Clock) {
    this.#database = database;
    this.#log = log;
    this.#clock = clock;
  }

  /** Throws `unknown_operation`. */
  async get(id: string): Promise<OperationRecord> {
    const row = await this.#database.run((records) => records.selectFrom("operations").select(recordColumns).where("id", "=", id).executeTakeFirst());
    if (!row) throw unknownOperation(id);
    return toRecord(row);
  }

  /** Newest first. */
  async list(filter: OperationFilter): Promise<Page<OperationRecord>> {
    const limit = filter.limit ?? 50;
    const rows = await this.#database.run((records) => {
      let query = records
        .selectFrom("operations")
        .select(recordColumns)
        .orderBy("id", "desc")
        .limit(limit + 1);
      if (filter.system !== undefined) query = query.where("system", "=", filter.system);
      if (filter.environment !== undefined) query = query.where("environment", "=", filter.environment);
      if (filter.schedule !== undefined) query = query.where("schedule", "=", filter.schedule);
      if (filter.states?.length) query = query.where("state", "in", filter.states);
      if (filter.kinds?.length) query = query.where("kind", "in", filter.kinds);
      if (filter.cursor !== undefined) query = query.where("id", "<", filter.cursor);
      return query.execute();
    });
    const items = rows.slice(0, limit).map(toRecord);
    return { items, ...(rows.length > limit ? { next: items.at(-1)!.id } : {}) };
  }

  /** The queue jobs of all operations that aren't over, with the owner of those that run. */
  unfinished(): Promise<{ id: string; job: string; state: OperationState; owner: string | null }[]> {
    return this.#database.run((records) =>
      records.selectFrom("operations").select(["id", "job", "state", "owner"]).where("state", "in", ["queued", "running"]).orderBy("id").execute(),
    );
  }

  /** Marks a queued operation as run by `owner`. `undefined` when there is nothing to run: it is over, or it was running under an owner that died and is now marked so. */
  async claim(id: OperationId, owner: string): Promise<ClaimedOperation | undefined> {
    const claimed = await this.#database.transaction(async (records) => {
      const row = await records
        .selectFrom("operations")
        .select(["state", "request", "spec", "last_sequence", "layer_results"])
        .where("id", "=", id)
        .forUpdate()
        .executeTakeFirst();
      if (row?.state === "running") await this.#end(records, id, row, [], interrupted(id, row.request, row.layer_results));
      if (row?.state !== "queued") return undefined;
      await records.updateTable("operations").set({ state: "running", owner, started_at: this.#clock.now() }).where("id", "=", id).execute();
      await this.append(records, id, row.last_sequence, [{ type: "state", state: "running" }]);
      return { request: row.request, spec: row.spec };
    });
    this.#log.wake(id);
    return claimed;
  }

  /** Stores events of a running operation. Throws {@link LeaseLostError}. Answers whether somebody asked to cancel it. */
  async record(id: OperationId, owner: string, events: readonly OperationEvent[], layers: readonly LayerResult[]): Promise<{ cancelRequested: boolean }> {
    const answer = await this.#database.transaction(async (records) => {
      const row = await this.#owned(records, id, owner);
      await this.append(records, id, row.last_sequence, events);
      if (events.some((event) => event.type === "layer-finished"))
        await records
          .updateTable("operations")
          .set({ layer_results: JSON.stringify(layers) })
          .where("id", "=", id)
          .execute();
      return { cancelRequested: row.cancel_requested_at !== null };
    });
    if (events.length) this.#log.wake(id);
    return answer;
  }

  /** Ends a running operation, storing its last events. Throws {@link LeaseLostError}. */
  async finish(id: OperationId, owner: string, events: readonly OperationEvent[], result: OperationResult): Promise<void> {
    await this.#database.transaction(async (records) => {
      const row = await this.#owned(records, id, owner);
      await this.#end(records, id, row, events, result);
    });
    this.#log.wake(id);
  }

  /** Ends a running operation whose owner is gone; nothing to do for any other. */
  async markInterrupted(id: OperationId): Promise<void> {
    await this.#database.transaction(async (records) => {
      const row = await records
        .selectFrom("operations")
        .select(["state", "request", "last_sequence", "layer_results"])
        .where("id", "=", id)
        .forUpdate()
        .executeTakeFirst();
      if (row?.state === "running") await this.#end(records, id, row, [], interrupted(id, row.request, row.layer_results));
    });
    this.#log.wake(id);
  }

  /** Ends an operation that waits; within the caller's transaction. The caller wakes the readers. */
  async endQueued(records: Transaction<Schema>, id: OperationId, result: OperationResult): Promise<void> {
    const row = await records.selectFrom("operations").select(["request", "last_sequence"]).where("id", "=", id).executeTakeFirstOrThrow();
    await this.#end(records, id, row, [], result);
  }

  /** Appends events within the caller's transaction. */
  async append(records: Transaction<Schema>, id: OperationId, last: number, events: readonly OperationEvent[]): Promise<void> {
    for (let start = 0; start < events.length; start += 500)
      await records
        .insertInto("operation_events")
        .values(this.#log.rows(id, last + start, events.slice(start, start + 500)))
        .execute();
    if (events.length)
      await records
        .updateTable("operations")
        .set({ last_sequence: last + events.length })
        .where("id", "=", id)
        .execute();
  }

  async #owned(records: Transaction<Schema>, id: string, owner: string) {
    const row = await records
      .selectFrom("operations")
      .select(["state", "owner", "request", "last_sequence", "cancel_requested_at"])
      .where("id", "=", id)
      .forUpdate()
      .executeTakeFirst();
    if (row?.state !== "running" || row.owner !== owner) throw new LeaseLostError(id);
    return row;
  }

  async #end(
    records: Transaction<Schema>,
    id: OperationId,
    row: { readonly last_sequence: number; readonly request: OperationRequest },
    events: readonly OperationEvent[],
    result: OperationResult,
  ): Promise<void> {
    await this.append(records, id, row.last_sequence, [...events, { type: "state", state: result.state }, { type: "finished", result }]);
    const now = this.#clock.now();
    await records
      .updateTable("operations")
      .set({ state: result.state, owner: null, finished_at: now, result: JSON.stringify(result), layer_results: JSON.stringify(result.layers) })
      .where("id", "=", id)
      .execute();
    await keepLayerStatuses(records, id, row.request, result, now);
  }
}

async function keepLayerStatuses(
  records: Transaction<Schema>,
  operation: OperationId,
  request: OperationRequest,
  result: OperationResult,
  now: Date,
): Promise<void> {
  const { kind, system, environment } = request;
  if (kind === "preview") return;
  for (const { layer, stack, state, changes, standIns, problem } of result.layers) {
    if (state === "skipped") continue;
    const status: LayerStatus = { layer, stack, operation, kind, state, changes, standIns, finishedAt: now.toISOString(), ...(problem ? { problem } : {}) };
    const values = { status: JSON.stringify(status) };
    await records
      .insertInto("layer_statuses")
      .values({ system, environment, layer, ...values })
      .onConflict((conflict) => conflict.columns(["system", "environment", "layer"]).doUpdateSet(values))
      .execute();
  }
}

export function unknownOperation(id: string): StrataError {
  return new StrataError(
    "unknown_operation",
    `There is no operation '${id.slice(0, 80)}'. GET /v1/operations (or 'strata operations') lists those that exist.`,
  );
}
