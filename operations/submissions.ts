import { randomUUID } from "node:crypto";
import { sql, type Transaction } from "kysely";
import type { Catalogue } from "#config/system-definition.ts";
import type { Clock } from "#core/clock.ts";
import { StrataError } from "#core/errors.ts";
import { newOperationId, type OperationId } from "#core/ids.ts";
import type { OperationRequest } from "#core/operation.ts";
import type { ConflictChoice, OperationRecord } from "#core/operation-record.ts";
import { auditRow } from "#operations/audit.ts";
import type { Database } from "#operations/database/database.ts";
import type { Schema } from "#operations/database/schema.ts";
import type { Environments } from "#operations/environments.ts";
import type { EventLog } from "#operations/event-log.ts";
import { fingerprint } from "#operations/fingerprint.ts";
import { recordColumns, toRecord } from "#operations/operation-rows.ts";
import type { OperationStore } from "#operations/operation-store.ts";
import type { Queue } from "#operations/queue.ts";

export interface SubmitOptions {
  /** Who asks: `api`, or `schedule:<id>`. */
  readonly requester: string;
  /** What to do when the environment is busy. @default "queue" */
  readonly onConflict?: ConflictChoice;
  /** A second request of the same requester with this key gets the first one's operation. */
  readonly idempotencyKey?: string;
  /** The schedule that asks. */
  readonly schedule?: string;
}

export interface Submission {
  readonly operation: OperationRecord;
  /** False when the idempotency key was seen before, and this is the operation of then. */
  readonly created: boolean;
}

export interface SubmissionParts {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly environments: Environments;
  readonly store: OperationStore;
  readonly log: EventLog;
  readonly queue: Queue;
}

/** Turns requests into stored, queued operations. */
export class Submissions {
  readonly #parts: SubmissionParts;
  #lastIdAt = 0;

  constructor(parts: SubmissionParts) {
    this.#parts = parts;
  }

  /**
   * Freezes the specification, stores the operation and enqueues it; all or nothing. An `up` makes its scenario the environment's own, so that a later
   * refresh or destroy means the same layers; a shipped environment gets its record here. Throws `unknown_system`, `unknown_environment`,
   * `unknown_scenario`, `unknown_layer`, `invalid_config`, `operation_running`, `idempotency_conflict`.
   */
  async submit(request: OperationRequest, options: SubmitOptions): Promise<Submission> {
    const { database, log } = this.#parts;
    const submission = await database.transaction(async (records) => {
      await lock(records, `lane ${laneOf(request)}`);
      if (options.idempotencyKey !== undefined) await lock(records, `key ${scopedKey(options.requester, options.idempotencyKey)}`);
      return (await this.#earlier(records, request, options)) ?? { operation: await this.#store(records, request, options), created: true };
    });
    log.wake(submission.operation.id);
    return submission;
  }

  async #store(records: Transaction<Schema>, request: OperationRequest, options: SubmitOptions): Promise<OperationRecord> {
    const { catalogue, clock, environments, store, queue } = this.#parts;
    const {
      version: _version,
      createdAt: _createdAt,
      updatedAt: _updatedAt,
      ...record
    } = await environments.find(records, request.system, request.environment);
    const spec = catalogue.resolve(record, {
      ...(request.scenario ? { scenario: request.scenario } : {}),
      ...(request.layers ? { layers: request.layers } : {}),
    });
    if (options.onConflict === "reject") await refuseIfBusy(records, request);
    await environments.adopt(records, request.kind === "up" ? { ...record, scenario: spec.scenario } : record, options.requester);

    const now = clock.now();
    const id = this.#newId(now);
    const job = randomUUID();
    const { requester, schedule, idempotencyKey } = options;
    await records
      .insertInto("operations")
      .values({
        id,
        system: request.system,
        environment: request.environment,
        kind: request.kind,
        scenario: spec.scenario,
        state: "queued",
        request: JSON.stringify(request),
        spec: JSON.stringify(spec),
        requester,
        schedule: schedule ?? null,
        idempotency_key: idempotencyKey === undefined ? null : scopedKey(requester, idempotencyKey),
        fingerprint: fingerprint(request),
        job,
        layer_results: "[]",
        last_sequence: 0,
        submitted_at: now,
      })
      .execute();
    await store.append(records, id, 0, [{ type: "state", state: "queued" }]);
    const { kind, system, environment } = request;
    await records
      .insertInto("audit")
      .values(auditRow({ time: now, requester, action: "operation.submit", subject: id, detail: { kind, system, environment, reason: request.reason } }))
      .execute();
    await queue.add(records, job, laneOf(request), { operation: id });
    return toRecord(await records.selectFrom("operations").select(recordColumns).where("id", "=", id).executeTakeFirstOrThrow());
  }

  /** Ids of this process sort in the order of submission, also within a millisecond. */
  #newId(now: Date): OperationId {
    this.#lastIdAt = Math.max(now.getTime(), this.#lastIdAt + 1);
    return newOperationId(new Date(this.#lastIdAt));
  }

  /** The operation that was made by an earlier request with the same idempotency key. */
  async #earlier(records: Transaction<Schema>, request: OperationRequest, options: SubmitOptions): Promise<Submission | undefined> {
    const { idempotencyKey, requester } = options;
    if (idempotencyKey === undefined) return undefined;
    const row = await records
      .selectFrom("operations")
      .select([...recordColumns, "fingerprint"])
      .where("idempotency_key", "=", scopedKey(requester, idempotencyKey))
      .executeTakeFirst();
    if (!row) return undefined;
    if (row.fingerprint === fingerprint(request)) return { operation: toRecord(row), created: false };
    throw new StrataError(
      "idempotency_conflict",
      `Idempotency key '${idempotencyKey}' belongs to operation ${row.id}, which was asked for with other values. Use a new key for a new request.`,
      { facts: { operation: row.id } },
    );
  }
}

function scopedKey(requester: string, key: string): string {
  return `${requester} ${key}`;
}

function laneOf(request: OperationRequest): string {
  return `${request.system}/${request.environment}`;
}

/** One submission per environment and per key at a time, so that two can't both find nothing there. Held until the transaction ends. */
async function lock(records: Transaction<Schema>, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(records);
}

async function refuseIfBusy(records: Transaction<Schema>, request: OperationRequest): Promise<void> {
  const busy = await records
    .selectFrom("operations")
    .select(["id", "kind", "state"])
    .where("system", "=", request.system)
    .where("environment", "=", request.environment)
    .where("state", "in", ["queued", "running"])
    .orderBy("id")
    .executeTakeFirst();
  if (!busy) return;
  const id = busy.id as OperationId;
  throw new StrataError(
    "operation_running",
    `In ${request.system}/${request.environment} operation ${id} (${busy.kind}) is ${busy.state}. Wait for it, cancel it ('strata cancel ${id}'), or ask with onConflict: queue.`,
    { facts: { operation: id } },
  );
}
