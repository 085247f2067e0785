import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Environments, operations with their events, layer statuses, schedules and audit. */
export const records: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .createTable("environments")
      .addColumn("system", "text", (c) => c.notNull())
      .addColumn("environment", "text", (c) => c.notNull())
      .addColumn("record", "json", (c) => c.notNull())
      .addColumn("version", "integer", (c) => c.notNull())
      .addColumn("created_at", "timestamptz", (c) => c.notNull())
      .addColumn("updated_at", "timestamptz", (c) => c.notNull())
      .addPrimaryKeyConstraint("environments_key", ["system", "environment"])
      .execute();

    await database.schema
      .createTable("operations")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("system", "text", (c) => c.notNull())
      .addColumn("environment", "text", (c) => c.notNull())
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("scenario", "text", (c) => c.notNull())
      .addColumn("state", "text", (c) => c.notNull())
      .addColumn("request", "json", (c) => c.notNull())
      .addColumn("spec", "json", (c) => c.notNull())
      .addColumn("requester", "text", (c) => c.notNull())
      .addColumn("schedule", "text")
      .addColumn("idempotency_key", "text", (c) => c.unique())
      .addColumn("fingerprint", "text", (c) => c.notNull())
      .addColumn("job", "uuid", (c) => c.notNull())
      .addColumn("owner", "text")
      .addColumn("layer_results", "json", (c) => c.notNull())
      .addColumn("result", "json")
      .addColumn("last_sequence", "integer", (c) => c.notNull())
      .addColumn("submitted_at", "timestamptz", (c) => c.notNull())
      .addColumn("started_at", "timestamptz")
      .addColumn("finished_at", "timestamptz")
      .addColumn("cancel_requested_at", "timestamptz")
      .execute();
    await database.schema.createIndex("operations_by_environment").on("operations").columns(["system", "environment", "id"]).execute();
    await database.schema.createIndex("operations_by_schedule").on("operations").columns(["schedule", "id"]).execute();
    await database.schema
      .createIndex("operations_unfinished")
      .on("operations")
      .columns(["state", "id"])
      .where(sql.ref("state"), "in", sql`('queued', 'running')`)
      .execute();

    await database.schema
      .createTable("operation_events")
      .addColumn("operation", "text", (c) => c.notNull().references("operations.id").onDelete("cascade"))
      .addColumn("sequence", "integer", (c) => c.notNull())
      .addColumn("time", "timestamptz", (c) => c.notNull())
      .addColumn("event", "json", (c) => c.notNull())
      .addPrimaryKeyConstraint("operation_events_key", ["operation", "sequence"])
      .execute();

    await database.schema
      .createTable("layer_statuses")
      .addColumn("system", "text", (c) => c.notNull())
      .addColumn("environment", "text", (c) => c.notNull())
      .addColumn("layer", "text", (c) => c.notNull())
      .addColumn("status", "json", (c) => c.notNull())
      .addPrimaryKeyConstraint("layer_statuses_key", ["system", "environment", "layer"])
      .execute();

    await database.schema
      .createTable("schedules")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("system", "text", (c) => c.notNull())
      .addColumn("environment", "text", (c) => c.notNull())
      .addColumn("cron", "text", (c) => c.notNull())
      .addColumn("time_zone", "text", (c) => c.notNull())
      .addColumn("action", "json", (c) => c.notNull())
      .addColumn("paused", "boolean", (c) => c.notNull())
      .addColumn("next_run", "timestamptz")
      .addColumn("last_run", "json")
      .addColumn("created_at", "timestamptz", (c) => c.notNull())
      .addColumn("updated_at", "timestamptz", (c) => c.notNull())
      .execute();
    await database.schema.createIndex("schedules_due").on("schedules").column("next_run").execute();
    await database.schema.createIndex("schedules_by_environment").on("schedules").columns(["system", "environment"]).execute();

    await database.schema
      .createTable("audit")
      .addColumn("id", "bigserial", (c) => c.primaryKey())
      .addColumn("time", "timestamptz", (c) => c.notNull())
      .addColumn("requester", "text", (c) => c.notNull())
      .addColumn("action", "text", (c) => c.notNull())
      .addColumn("subject", "text", (c) => c.notNull())
      .addColumn("detail", "json", (c) => c.notNull())
      .execute();
  },
};
