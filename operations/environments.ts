import type { Selectable, Transaction } from "kysely";
import type { Catalogue, EnvironmentRecord } from "#config/system-definition.ts";
import type { Clock } from "#core/clock.ts";
import { StrataError } from "#core/errors.ts";
import { checkName, type EnvironmentName } from "#core/ids.ts";
import type { LayerStatus, OperationRecord } from "#core/operation-record.ts";
import { type Audit, auditRow } from "#operations/audit.ts";
import type { Database } from "#operations/database/database.ts";
import type { EnvironmentsTable, Schema } from "#operations/database/schema.ts";
import { recordColumns, toRecord } from "#operations/operation-rows.ts";

/** An environment's record and how it is doing. Times are ISO 8601. */
export interface EnvironmentView extends EnvironmentRecord {
  /** Grows with each change; 0 for a shipped environment that has no record yet and follows its template. */
  readonly version: number;
  readonly createdAt?: string;
  readonly updatedAt?: string;
}

export interface EnvironmentStatus extends EnvironmentView {
  /** How each layer was left by the last operation that touched it; layers that were never touched are absent. */
  readonly layers: readonly LayerStatus[];
  /** What runs or waits, oldest first. */
  readonly pending: readonly OperationRecord[];
}

/** What a user may set of an environment; the rest comes from the system's template. */
export interface EnvironmentChange {
  readonly scenario?: string;
  readonly cluster?: unknown;
  readonly budget?: unknown;
  readonly config?: unknown;
}

export interface PutOptions {
  readonly requester: string;
  /** Only if the record still has this version; `stale_etag` otherwise. */
  readonly version?: number;
}

/** The environments' records. */
export class Environments {
  readonly #database: Database;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;

  constructor(database: Database, catalogue: Catalogue, clock: Clock) {
    this.#database = database;
    this.#catalogue = catalogue;
    this.#clock = clock;
  }

  /** Stored environments and the shipped ones without a record, by system and name. */
  async list(system?: string): Promise<EnvironmentView[]> {
    const systems = system === undefined ? this.#catalogue.systems : [this.#catalogue.system(system)];
    const rows = await this.#database.run((records) => records.selectFrom("environments").selectAll().execute());
    return systems.flatMap(({ name, environments }) => {
      const stored = rows.filter((row) => row.system === name).map(toView);
      const shipped = environments
        .filter((template) => !stored.some((view) => view.environment === template.environment))
        .map((template) => this.#fromTemplate(name, template.environment));
      return [...stored, ...shipped].sort((a, b) => (a.environment < b.environment ? -1 : 1));
    });
  }

  /** Throws `unknown_system`, `unknown_environment`. */
  async get(system: string, environment: string): Promise<EnvironmentStatus> {
    return this.#database.transaction(async (records) => {
      const view = await this.find(records, system, environment);
      const layers = await records.selectFrom("layer_statuses").select("status").where("system", "=", system).where("environment", "=", environment).execute();
      const pending = await records
        .selectFrom("operations")
        .select(recordColumns)
        .where("system", "=", system)
        .where("environment", "=", environment)
        .where("state", "in", ["queued", "running"])
        .orderBy("id")
        .execute();
      return { ...view, layers: layers.map((row) => row.status).sort(inLayerOrder(this.#catalogue, system)), pending: pending.map(toRecord) };
    });
  }

  /**
   * Creates the record or changes it to what is given over the template; nothing is deployed. Throws `stale_etag` and what {@link Catalogue.newRecord} throws.
   */
  async put(system: string, environment: string, change: EnvironmentChange, options: PutOptions): Promise<{ view: EnvironmentView; created: boolean }> {
    const record = this.#catalogue.newRecord(system, environment, change);
    // Also proves the values against their schemas: a record that can't be deployed isn't stored.
    this.#catalogue.resolve(record, {});
    return this.#database.transaction(async (records) => {
      const old = await this.#row(records, system, environment, true);
      if (options.version !== undefined && options.version !== (old?.version ?? 0)) throw stale(record, options.version, old?.version ?? 0);
      return { view: await this.#store(records, record, old, { requester: options.requester, action: "environment.put" }), created: old === undefined };
    });
  }

  /** The record, or for a shipped environment without one its template. Throws `unknown_system`, `unknown_environment`. */
  async find(records: Transaction<Schema>, system: string, environment: string): Promise<EnvironmentView> {
    const definition = this.#catalogue.system(system);
    checkName<EnvironmentName>("environment", environment);
    const row = await this.#row(records, system, environment, false);
    if (row) return toView(row);
    if (definition.environments.some((template) => template.environment === environment)) return this.#fromTemplate(system, environment);
    throw await this.#unknown(records, system, environment);
  }

  /** Makes sure that there is a record with this scenario: the one that later requests mean when they name none. */
  async adopt(records: Transaction<Schema>, record: EnvironmentRecord, requester: string): Promise<void> {
    const old = await this.#row(records, record.system, record.environment, true);
    if (old && old.record.scenario === record.scenario) return;
    await this.#store(records, old ? { ...old.record, scenario: record.scenario } : record, old, { requester, action: "environment.adopt" });
  }

  async #store(
    records: Transaction<Schema>,
    record: EnvironmentRecord,
    old: Selectable<EnvironmentsTable> | undefined,
    audit: Pick<Audit, "requester" | "action">,
  ): Promise<EnvironmentView> {
    const now = this.#clock.now();
    const { system, environment } = record;
    const values = { record: JSON.stringify(record), version: (old?.version ?? 0) + 1, updated_at: now };
    const row = await records
      .insertInto("environments")
      .values({ system, environment, created_at: now, ...values })
      .onConflict((conflict) => conflict.columns(["system", "environment"]).doUpdateSet(values))
      .returningAll()
      .executeTakeFirstOrThrow();
    await records
      .insertInto("audit")
      .values(auditRow({ ...audit, time: now, subject: `${system}/${environment}`, detail: { version: row.version, scenario: record.scenario } }))
      .execute();
    return toView(row);
  }

  #row(records: Transaction<Schema>, system: string, environment: string, lock: boolean): Promise<Selectable<EnvironmentsTable> | undefined> {
    return records
      .selectFrom("environments")
      .selectAll()
      .where("system", "=", system)
      .where("environment", "=", environment)
      .$if(lock, (query) => query.forUpdate())
      .executeTakeFirst();
  }

  #fromTemplate(system: string, environment: string): EnvironmentView {
    return { ...this.#catalogue.newRecord(system, environment, {}), version: 0 };
  }

  async #unknown(records: Transaction<Schema>, system: string, environment: string): Promise<StrataError> {
    const rows = await records.selectFrom("environments").select("environment").where("system", "=", system).execute();
    const known = new Set([
      ...this.#catalogue.system(system).environments.map((template) => String(template.environment)),
      ...rows.map((row) => row.environment),
    ]);
    return new StrataError(
      "unknown_environment",
      `System '${system}' has no environment '${environment}'; it has ${[...known].sort().join(", ")}. Create it with PUT /v1/environments/${system}/${environment}.`,
    );
  }
}

function toView(row: Selectable<EnvironmentsTable>): EnvironmentView {
  return { ...row.record, version: row.version, createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString() };
}

function stale(record: EnvironmentRecord, asked: number, is: number): StrataError {
  return new StrataError(
    "stale_etag",
    `The record of ${record.system}/${record.environment} has version ${is}, the request was made for version ${asked}. Read it again, then repeat the change.`,
    { facts: { version: is } },
  );
}

function inLayerOrder(catalogue: Catalogue, system: string): (a: LayerStatus, b: LayerStatus) => number {
  const order = catalogue.system(system).layers.map((layer) => layer.layer);
  return (a, b) => order.indexOf(a.layer) - order.indexOf(b.layer);
}
