import type { Selectable } from "kysely";
import type { Clock } from "#core/clock.ts";
import { isStrataError, messageOf, toProblem } from "#core/errors.ts";
import type { EnvironmentName, OperationId, SystemName } from "#core/ids.ts";
import type { Logger } from "#core/logger.ts";
import type { ScheduleRun } from "#core/operation-record.ts";
import type { Database } from "#operations/database/database.ts";
import type { SchedulesTable } from "#operations/database/schema.ts";
import type { Submissions } from "#operations/submissions.ts";
import { TimeTable } from "#operations/time-table.ts";

/** A time that is missed by more than this, because no controller ran, isn't made up for. */
const graceMs = 10 * 60_000;

/** Turns schedules that are due into ordinary operations. */
export class ScheduleFiring {
  readonly #database: Database;
  readonly #submissions: Pick<Submissions, "submit">;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(parts: { database: Database; submissions: Pick<Submissions, "submit">; clock: Clock; logger: Logger }) {
    this.#database = parts.database;
    this.#submissions = parts.submissions;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /**
   * Fires what is due now. A time is fired at most once, also when this is called twice or ends half-way: the time is part of the operation's idempotency
   * key. One schedule's trouble doesn't keep others from firing.
   */
  async fireDue(): Promise<void> {
    const now = this.#clock.now();
    const due = await this.#database.run((records) =>
      records.selectFrom("schedules").selectAll().where("paused", "=", false).where("next_run", "<=", now).orderBy("next_run").execute(),
    );
    for (const schedule of due) {
      try {
        await this.#fire(schedule, now);
      } catch (error) {
        this.#logger.error({ schedule: schedule.id, error: messageOf(error) }, "A schedule couldn't be fired; it is tried again in a minute");
      }
    }
  }

  async #fire(schedule: Selectable<SchedulesTable>, now: Date): Promise<void> {
    const table = new TimeTable(schedule.cron, schedule.time_zone);
    const dueAt = table.lastDue(schedule.next_run!, now) ?? schedule.next_run!;
    const run = await this.#run(schedule, dueAt, now);
    this.#logger.info({ schedule: schedule.id, ...run }, `A schedule was due: ${run.outcome}`);
    await this.#database.run((records) =>
      records
        .updateTable("schedules")
        .set({ last_run: JSON.stringify(run), next_run: table.next(now) ?? null })
        .where("id", "=", schedule.id)
        .where("paused", "=", false)
        .execute(),
    );
  }

  async #run(schedule: Selectable<SchedulesTable>, due: Date, now: Date): Promise<ScheduleRun> {
    const dueAt = due.toISOString();
    if (now.getTime() - due.getTime() > graceMs) return { dueAt, outcome: "skipped", detail: "No controller ran at that time." };
    const busy = await this.#unfinished(schedule.id, dueAt);
    if (busy) return { dueAt, outcome: "skipped", operation: busy, detail: `Its previous operation ${busy} wasn't over yet.` };
    const { system, environment, action } = schedule;
    try {
      const { operation } = await this.#submissions.submit(
        { ...action, system: system as SystemName, environment: environment as EnvironmentName },
        { requester: `schedule:${schedule.id}`, schedule: schedule.id, idempotencyKey: dueAt },
      );
      return { dueAt, outcome: "submitted", operation: operation.id };
    } catch (error) {
      if (!isStrataError(error)) throw error;
      return { dueAt, outcome: "refused", problem: toProblem(error) };
    }
  }

  /** An operation of this schedule that waits or runs, asked for at another time. */
  async #unfinished(schedule: string, dueAt: string): Promise<OperationId | undefined> {
    const row = await this.#database.run((records) =>
      records
        .selectFrom("operations")
        .select("id")
        .where("schedule", "=", schedule)
        .where("state", "in", ["queued", "running"])
        .where("idempotency_key", "!=", `schedule:${schedule} ${dueAt}`)
        .orderBy("id")
        .executeTakeFirst(),
    );
    return row?.id as OperationId | undefined;
  }
}
