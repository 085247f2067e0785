import { randomUUID } from "node:crypto";
import type { EnvironmentSpec } from "#config/spec.ts";
import type { Catalogue } from "#config/system-definition.ts";
import type { Clock } from "#core/clock.ts";
import { StrataError } from "#core/errors.ts";
import type { OperationId } from "#core/ids.ts";
import type { Logger } from "#core/logger.ts";
import type { OperationRequest, RecordedEvent } from "#core/operation.ts";
import type { OperationRecord, Page } from "#core/operation-record.ts";
import type { RunOperation } from "#core/run-operation.ts";
import { type Audit, auditRow, toAudit } from "#operations/audit.ts";
import { type Database, type DatabasePlace, openDatabase } from "#operations/database/database.ts";
import { cancelledBeforeStart } from "#operations/early-end.ts";
import { Environments } from "#operations/environments.ts";
import { EventLog, type FollowOptions } from "#operations/event-log.ts";
import { type OperationFilter, OperationStore, unknownOperation } from "#operations/operation-store.ts";
import { openQueue, type Queue } from "#operations/queue.ts";
import { removeOldRecords } from "#operations/retention.ts";
import { ScheduleFiring } from "#operations/schedule-firing.ts";
import { Schedules } from "#operations/schedules.ts";
import { type Submission, Submissions, type SubmitOptions } from "#operations/submissions.ts";
import { Worker } from "#operations/worker.ts";

export interface OperationsOptions {
  readonly place: DatabasePlace;
  readonly catalogue: Catalogue;
  readonly runOperation: RunOperation<EnvironmentSpec>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many operations run at once, each in an environment of its own. @default 4 */
  readonly concurrency?: number;
}

/** The controller's records and its work: what the HTTP service talks to. */
export interface Operations {
  readonly environments: Pick<Environments, "list" | "get" | "put">;
  readonly schedules: Pick<Schedules, "create" | "list" | "get" | "setPaused" | "remove">;
  /** See {@link Submissions.submit}; throws `shutting_down` once closing has begun. */
  submit(request: OperationRequest, options: SubmitOptions): Promise<Submission>;
  /** Throws `unknown_operation`. */
  get(id: string): Promise<OperationRecord>;
  /** Newest first. */
  list(filter?: OperationFilter): Promise<Page<OperationRecord>>;
  /** Stored events after a sequence, oldest first. Throws `unknown_operation`. */
  events(id: string, options?: { readonly after?: number; readonly limit?: number }): Promise<RecordedEvent[]>;
  /** Stored and coming events; ends after `finished`, when `signal` is aborted, or when the controller closes. */
  follow(id: string, options?: FollowOptions): AsyncGenerator<RecordedEvent, void, void>;
  /** Asks a running operation to end, ends a waiting one. Throws `unknown_operation`, `operation_finished`. */
  cancel(id: string, requester: string): Promise<OperationRecord>;
  /** Who asked for what, newest first. */
  audit(limit?: number): Promise<Audit[]>;
  /** Fires the schedules that are due. Called once a minute by the queue. */
  fireDueSchedules(): Promise<void>;
  /** See {@link removeOldRecords}. Called once an hour. */
  removeOldRecords(): Promise<number>;
  /** Throws when the database doesn't answer. */
  ready(): Promise<void>;
  /** Claims nothing more, asks what runs to end, waits for `deadlineMs` (default 30 s) at most, records what was cut short, closes the database. */
  close(deadlineMs?: number): Promise<void>;
}

/**
 * Opens the records and begins to work on what is queued. Operations that ran when the last controller ended are marked `operation_interrupted`; those
 * that waited go on. Throws `data_folder_in_use`, `data_folder_unusable`, `database_unavailable`, `disk_full`.
 */
export async function openOperations(options: OperationsOptions): Promise<Operations> {
  const database = await openDatabase(options.place);
  let queue: Queue | undefined;
  try {
    queue = await openQueue(database, options.logger);
    const service = new Service(options, database, queue);
    await service.start(options.concurrency ?? 4);
    return service;
  } catch (error) {
    await queue?.stop();
    await database.close();
    throw error;
  }
}

/** The minute of each hour at which old records are removed. */
const cleaningMinute = 17;
/** How long a close waits for followers to take what is stored. */
const slowReaderMs = 1000;

class Service implements Operations {
  readonly environments: Environments;
  readonly schedules: Schedules;
  readonly #database: Database;
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #log: EventLog;
  readonly #store: OperationStore;
  readonly #submissions: Submissions;
  readonly #firing: ScheduleFiring;
  readonly #worker: Worker;
  #closed: Promise<void> | undefined;

  constructor({ catalogue, clock, logger, runOperation }: OperationsOptions, database: Database, queue: Queue) {
    this.#database = database;
    this.#queue = queue;
    this.#clock = clock;
    this.#log = new EventLog(database, clock);
    this.#store = new OperationStore(database, this.#log, clock);
    this.environments = new Environments(database, catalogue, clock);
    this.schedules = new Schedules({ database, catalogue, environments: this.environments, clock });
    const { environments } = this;
    this.#submissions = new Submissions({ database, catalogue, clock, environments, store: this.#store, log: this.#log, queue });
    this.#firing = new ScheduleFiring({ database, submissions: this.#submissions, clock, logger });
    this.#worker = new Worker({ runOperation, store: this.#store, owner: randomUUID(), logger, shared: database.shared });
  }

  async start(concurrency: number): Promise<void> {
    if (!this.#database.shared) await this.#recover();
    await this.#queue.work(concurrency, (job, lost) => this.#worker.handle(job, lost));
    await this.#queue.everyMinute(() => this.#tick());
  }

  /** Nobody else can use this database, so whatever it says is running isn't. */
  async #recover(): Promise<void> {
    const unfinished = await this.#store.unfinished();
    for (const { id, state } of unfinished) if (state === "running") await this.#store.markInterrupted(id as OperationId);
    await this.#queue.releaseClaimed(unfinished.map(({ job }) => job));
  }

  async submit(request: OperationRequest, options: SubmitOptions): Promise<Submission> {
    if (this.#closed) throw new StrataError("shutting_down", "The controller is stopping and takes no more operations. Start it again with 'strata serve'.");
    return this.#submissions.submit(request, options);
  }

  get(id: string): Promise<OperationRecord> {
    return this.#store.get(id);
  }

  list(filter: OperationFilter = {}): Promise<Page<OperationRecord>> {
    return this.#store.list(filter);
  }

  async events(id: string, options: { readonly after?: number; readonly limit?: number } = {}): Promise<RecordedEvent[]> {
    const { id: known } = await this.get(id);
    return this.#log.read(known, options.after ?? 0, options.limit ?? 500);
  }

  async *follow(id: string, options: FollowOptions = {}): AsyncGenerator<RecordedEvent, void, void> {
    const { id: known } = await this.get(id);
    yield* this.#log.follow(known, options);
  }

  async cancel(id: string, requester: string): Promise<OperationRecord> {
    const now = this.#clock.now();
    await this.#database.transaction(async (records) => {
      const row = await records.selectFrom("operations").select(["state", "job", "cancel_requested_at"]).where("id", "=", id).forUpdate().executeTakeFirst();
      if (!row) throw unknownOperation(id);
      if (row.state !== "queued" && row.state !== "running")
        throw new StrataError("operation_finished", `Operation ${id} is over (${row.state}); there is nothing to cancel.`, { facts: { operation: id } });
      if (row.cancel_requested_at) return;
      await records.updateTable("operations").set({ cancel_requested_at: now }).where("id", "=", id).execute();
      await records
        .insertInto("audit")
        .values(auditRow({ time: now, requester, action: "operation.cancel", subject: id, detail: { state: row.state } }))
        .execute();
      if (row.state !== "queued") return;
      await this.#store.endQueued(records, id as OperationId, cancelledBeforeStart(id));
      await this.#queue.remove(records, row.job);
    });
    this.#log.wake(id as OperationId);
    this.#worker.cancel(id as OperationId);
    return this.get(id);
  }

  audit(limit = 100): Promise<Audit[]> {
    return this.#database.run(async (records) => (await records.selectFrom("audit").selectAll().orderBy("id", "desc").limit(limit).execute()).map(toAudit));
  }

  async fireDueSchedules(): Promise<void> {
    if (!this.#closed) await this.#firing.fireDue();
  }

  async removeOldRecords(): Promise<number> {
    return removeOldRecords(this.#database, this.#clock);
  }

  async #tick(): Promise<void> {
    await this.fireDueSchedules();
    if (this.#clock.now().getMinutes() === cleaningMinute) await this.removeOldRecords();
  }

  async ready(): Promise<void> {
    await this.#database.run((records) => records.selectFrom("environments").select("version").limit(1).execute());
  }

  close(deadlineMs = 30_000): Promise<void> {
    this.#closed ??= this.#close(deadlineMs);
    return this.#closed;
  }

  async #close(deadlineMs: number): Promise<void> {
    await this.#queue.pause();
    await this.#worker.stop(deadlineMs);
    // After the work, so that followers see the end of what was cut short.
    await this.#log.close(slowReaderMs);
    await this.#queue.stop();
    await this.#database.close();
  }
}
