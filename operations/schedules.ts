import type { Selectable, Transaction } from "kysely";
import type { Catalogue } from "#config/system-definition.ts";
import type { Clock } from "#core/clock.ts";
import { StrataError } from "#core/errors.ts";
import { type EnvironmentName, newScheduleId, type ScheduleId, type SystemName } from "#core/ids.ts";
import type { ScheduledAction, ScheduleRecord } from "#core/operation-record.ts";
import { auditRow } from "#operations/audit.ts";
import type { Database } from "#operations/database/database.ts";
import type { SchedulesTable, Schema } from "#operations/database/schema.ts";
import type { Environments } from "#operations/environments.ts";
import { TimeTable } from "#operations/time-table.ts";

export interface NewSchedule {
  /** Five fields; see {@link TimeTable}. */
  readonly cron: string;
  /** IANA name. @default "UTC" */
  readonly timeZone?: string;
  readonly action: ScheduledAction;
  /** @default false */
  readonly paused?: boolean;
}

/** Whose schedule it is. */
export interface Place {
  readonly system: string;
  readonly environment: string;
}

const shownRuns = 5;

/** The schedules of environments: when to ask for which operation. */
export class Schedules {
  readonly #database: Database;
  readonly #catalogue: Catalogue;
  readonly #environments: Environments;
  readonly #clock: Clock;

  constructor(parts: { database: Database; catalogue: Catalogue; environments: Environments; clock: Clock }) {
    this.#database = parts.database;
    this.#catalogue = parts.catalogue;
    this.#environments = parts.environments;
    this.#clock = parts.clock;
  }

  /** Throws `invalid_schedule`, `unknown_environment` and, for an action that couldn't be run now, what submitting it would throw. */
  async create(place: Place, schedule: NewSchedule, requester: string): Promise<ScheduleRecord> {
    const { cron, timeZone = "UTC", action, paused = false } = schedule;
    const table = new TimeTable(cron, timeZone);
    const now = this.#clock.now();
    return this.#database.transaction(async (records) => {
      const environment = await this.#environments.find(records, place.system, place.environment);
      this.#catalogue.resolve(environment, { ...(action.scenario ? { scenario: action.scenario } : {}), ...(action.layers ? { layers: action.layers } : {}) });
      const row = await records
        .insertInto("schedules")
        .values({
          id: newScheduleId(),
          system: environment.system,
          environment: environment.environment,
          cron: cron.trim().split(/\s+/).join(" "),
          time_zone: timeZone,
          action: JSON.stringify(action),
          paused,
          next_run: paused ? null : (table.next(now) ?? null),
          created_at: now,
          updated_at: now,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await this.#note(records, requester, "schedule.create", row.id, {
        cron: row.cron,
        kind: action.kind,
        environment: `${place.system}/${place.environment}`,
      });
      return this.#toRecord(row);
    });
  }

  /** Those of one environment, or all; oldest first. */
  async list(place?: Place): Promise<ScheduleRecord[]> {
    const rows = await this.#database.run((records) =>
      records
        .selectFrom("schedules")
        .selectAll()
        .$if(place !== undefined, (query) => query.where("system", "=", place!.system).where("environment", "=", place!.environment))
        .orderBy("created_at")
        .orderBy("id")
        .execute(),
    );
    return rows.map((row) => this.#toRecord(row));
  }

  /** Throws `unknown_schedule`. */
  async get(place: Place, id: string): Promise<ScheduleRecord> {
    return this.#toRecord(await this.#database.transaction((records) => this.#row(records, place, id)));
  }

  /** Pauses or resumes; what was missed while paused isn't made up for. Throws `unknown_schedule`. */
  async setPaused(place: Place, id: string, paused: boolean, requester: string): Promise<ScheduleRecord> {
    const now = this.#clock.now();
    return this.#database.transaction(async (records) => {
      const old = await this.#row(records, place, id);
      if (old.paused === paused) return this.#toRecord(old);
      const next = paused ? null : (new TimeTable(old.cron, old.time_zone).next(now) ?? null);
      const row = await records
        .updateTable("schedules")
        .set({ paused, next_run: next, updated_at: now })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await this.#note(records, requester, paused ? "schedule.pause" : "schedule.resume", id, {});
      return this.#toRecord(row);
    });
  }

  /** Operations that it asked for stay. Throws `unknown_schedule`. */
  async remove(place: Place, id: string, requester: string): Promise<void> {
    await this.#database.transaction(async (records) => {
      await this.#row(records, place, id);
      await records.deleteFrom("schedules").where("id", "=", id).execute();
      await this.#note(records, requester, "schedule.remove", id, {});
    });
  }

  async #row(records: Transaction<Schema>, place: Place, id: string): Promise<Selectable<SchedulesTable>> {
    const row = await records
      .selectFrom("schedules")
      .selectAll()
      .where("id", "=", id)
      .where("system", "=", place.system)
      .where("environment", "=", place.environment)
      .forUpdate()
      .executeTakeFirst();
    if (row) return row;
    throw new StrataError(
      "unknown_schedule",
      `${place.system}/${place.environment} has no schedule '${id.slice(0, 80)}'. GET /v1/environments/${place.system}/${place.environment}/schedules (or 'strata schedule list') shows those that exist.`,
    );
  }

  async #note(records: Transaction<Schema>, requester: string, action: string, subject: string, detail: Record<string, string>): Promise<void> {
    await records
      .insertInto("audit")
      .values(auditRow({ time: this.#clock.now(), requester, action, subject, detail }))
      .execute();
  }

  #toRecord(row: Selectable<SchedulesTable>): ScheduleRecord {
    const upcoming = row.paused ? [] : new TimeTable(row.cron, row.time_zone).upcoming(this.#clock.now(), shownRuns);
    return {
      id: row.id as ScheduleId,
      system: row.system as SystemName,
      environment: row.environment as EnvironmentName,
      cron: row.cron,
      timeZone: row.time_zone,
      action: row.action,
      paused: row.paused,
      nextRuns: upcoming.map((time) => time.toISOString()),
      ...(row.last_run ? { lastRun: row.last_run } : {}),
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    };
  }
}
