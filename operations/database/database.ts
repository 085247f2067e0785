import { Kysely, PGliteDialect, PostgresDialect, sql, type Transaction } from "kysely";
import pg from "pg";
import { type ConstructorOptions, fromPglite } from "pg-boss";
import { StrataError } from "#core/errors.ts";
import { translateDatabaseError } from "#operations/database/database-error.ts";
import { openEmbeddedDatabase } from "#operations/database/embedded-database.ts";
import { migrate } from "#operations/database/migrate.ts";
import type { Schema } from "#operations/database/schema.ts";

/** Either a folder for the embedded database or the address of a PostgreSQL server (14 or newer). */
export type DatabasePlace = { readonly dataFolder: string } | { readonly databaseUrl: string /** @default "strata" */; readonly schema?: string };

/** The controller's records. Every failure crosses this door as `disk_full`, `database_unavailable` or what the work itself threw. */
export interface Database {
  /** Whether other processes can use the same records at the same time. */
  readonly shared: boolean;
  /** What the queue needs to share this database. */
  readonly queueOptions: ConstructorOptions;
  run<T>(work: (records: Kysely<Schema>) => Promise<T>): Promise<T>;
  transaction<T>(work: (records: Transaction<Schema>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens the records and brings their tables to the newest form. */
export async function openDatabase(place: DatabasePlace): Promise<Database> {
  return "databaseUrl" in place ? openServer(place.databaseUrl, place.schema ?? "strata") : openEmbedded(place.dataFolder);
}

async function openEmbedded(dataFolder: string): Promise<Database> {
  const embedded = await openEmbeddedDatabase(dataFolder);
  const kysely = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite: embedded.pglite }) });
  const close = async () => {
    await kysely.destroy();
    await embedded.close();
  };
  return opened(kysely, { schema: "public", shared: false, close, queueOptions: { db: fromPglite(embedded.pglite), backend: "pglite", schema: "queue" } });
}

async function openServer(databaseUrl: string, schema: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10, application_name: "strata", options: `-c search_path=${quoted(schema)}` });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => undefined);
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  const queueOptions: ConstructorOptions = { connectionString: databaseUrl, schema: `${schema}_queue`, max: 6, application_name: "strata queue" };
  return opened(kysely, { schema, shared: true, close: () => kysely.destroy(), queueOptions });
}

interface Profile {
  readonly schema: string;
  readonly shared: boolean;
  readonly queueOptions: ConstructorOptions;
  readonly close: () => Promise<void>;
}

async function opened(kysely: Kysely<Schema>, { schema, shared, queueOptions, close }: Profile): Promise<Database> {
  let closed = false;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) throw new StrataError("shutting_down", "The controller is stopping. Start it again with 'strata serve'.");
    try {
      return await work();
    } catch (error) {
      throw translateDatabaseError(error);
    }
  };
  try {
    await guarded(async () => {
      await createSchema(kysely, schema);
      await migrate(kysely, schema);
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    shared,
    queueOptions,
    run: (work) => guarded(() => work(kysely)),
    transaction: (work) => guarded(() => kysely.transaction().execute(work)),
    close() {
      closed = true;
      return close();
    },
  };
}

/** One process at a time, because PostgreSQL's own `if not exists` isn't safe against another one. */
async function createSchema(kysely: Kysely<Schema>, schema: string): Promise<void> {
  await kysely.transaction().execute(async (records) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`schema ${schema}`}, 0))`.execute(records);
    await sql`create schema if not exists ${sql.id(schema)}`.execute(records);
  });
}

/** For a command-line option of the server, where blanks and backslashes separate; names are checked rather than escaped. */
function quoted(schema: string): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(schema)) throw new TypeError(`'${schema}' isn't a plain schema name`);
  return schema;
}
