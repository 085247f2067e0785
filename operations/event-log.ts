import { sql } from "kysely";
import type { Clock } from "#core/clock.ts";
import type { OperationId } from "#core/ids.ts";
import type { OperationEvent, RecordedEvent } from "#core/operation.ts";
import type { Database } from "#operations/database/database.ts";

export interface FollowOptions {
  /** Sequence of the last event the reader has. @default 0 */
  readonly after?: number;
  /** Ends the reading early, without an error. */
  readonly signal?: AbortSignal;
}

/** What happened in each operation. Readers see only what is stored, so that a reader who comes back after a crash misses nothing and sees nothing twice. */
export class EventLog {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<() => void>>();
  /** How often a reader looks by itself; only needed for events that another process stores. */
  readonly #lookAgainMs: number | undefined;
  #following = 0;
  #closing = false;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#lookAgainMs = database.shared ? 1000 : undefined;
  }

  /** The rows for events that follow sequence `last`; the caller stores them together with what they tell of, then calls {@link wake}. */
  rows(operation: OperationId, last: number, events: readonly OperationEvent[]) {
    const time = this.#clock.now();
    return events.map((event, index) => ({ operation, sequence: last + 1 + index, time, event: JSON.stringify(event) }));
  }

  /** Tells readers of an operation that there is more. */
  wake(operation: OperationId): void {
    for (const resume of this.#waiting.get(operation) ?? []) resume();
  }

  /** The stored events after a sequence, oldest first, at most `limit`. */
  async read(operation: OperationId, after: number, limit: number): Promise<RecordedEvent[]> {
    const rows = await this.#database.run((records) =>
      records
        .selectFrom("operation_events")
        .select(["sequence", "time", "event"])
        .where("operation", "=", operation)
        .where("sequence", ">", after)
        .orderBy("sequence")
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => ({ operation, sequence: row.sequence, time: row.time.toISOString(), ...row.event }));
  }

  /** Stored and coming events in order; ends after `finished`, and when the log is closed. */
  async *follow(operation: OperationId, options: FollowOptions = {}): AsyncGenerator<RecordedEvent, void, void> {
    this.#following++;
    try {
      yield* this.#follow(operation, options);
    } finally {
      this.#following--;
    }
  }

  /** Ends all following once the readers have what is stored, or after `deadlineMs` for readers that are slow. */
  async close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    for (const operation of [...this.#waiting.keys()]) this.wake(operation as OperationId);
    const deadline = performance.now() + deadlineMs;
    while (this.#following > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  async *#follow(operation: OperationId, options: FollowOptions): AsyncGenerator<RecordedEvent, void, void> {
    let after = options.after ?? 0;
    while (!options.signal?.aborted) {
      const lastLook = this.#closing;
      const more = this.#wait(operation, options.signal);
      try {
        const events = await this.read(operation, after, 500);
        for (const event of events) {
          if (options.signal?.aborted) return;
          yield event;
          after = event.sequence;
          if (event.type === "finished") return;
        }
        if (events.length === 0) {
          if (lastLook || (await this.#isOver(operation, after))) return;
          await more.promise;
        }
      } finally {
        more.end();
      }
    }
  }

  /** Whether an operation is over and `after` is its end, so that nothing more can come. */
  async #isOver(operation: OperationId, after: number): Promise<boolean> {
    const row = await this.#database.run((records) =>
      records
        .selectFrom("operations")
        .select(sql<boolean>`result is not null and last_sequence <= ${after}`.as("over"))
        .where("id", "=", operation)
        .executeTakeFirst(),
    );
    return row?.over ?? true;
  }

  /** Begins to listen at once, so that what is stored between a look and the waiting isn't missed. */
  #wait(operation: OperationId, signal: AbortSignal | undefined): { promise: Promise<void>; end: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const readers = this.#waiting.get(operation) ?? new Set();
    this.#waiting.set(operation, readers.add(resolve));
    signal?.addEventListener("abort", () => resolve(), { once: true });
    const timer = this.#lookAgainMs === undefined ? undefined : setTimeout(resolve, this.#lookAgainMs);
    const end = () => {
      clearTimeout(timer);
      readers.delete(resolve);
      if (readers.size === 0 && this.#waiting.get(operation) === readers) this.#waiting.delete(operation);
    };
    return { promise, end };
  }
}
