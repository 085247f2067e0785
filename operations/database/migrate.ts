import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { records } from "#operations/database/migrations/0001-records.ts";
import type { Schema } from "#operations/database/schema.ts";

/** In order; a migration that was released is never changed. */
const migrations: Readonly<Record<string, Migration>> = { "0001-records": records };

/** Brings the tables in `schema` to the newest form. Throws the database's own error when a step fails; that step is rolled back. */
export async function migrate(database: Kysely<Schema>, schema: string): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableSchema: schema,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
