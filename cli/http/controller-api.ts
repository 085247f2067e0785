import { randomUUID } from "node:crypto";
import type { JsonClient } from "#cli/http/json-client.ts";
import type { EnvironmentChange, EnvironmentStatus, EnvironmentView, SystemSummary, SystemView } from "#cli/http/views.ts";
import { hasCode } from "#core/errors.ts";
import type { OperationKind, OperationState, OutputView, RecordedEvent } from "#core/operation.ts";
import type { ConflictChoice, OperationRecord, Page, ScheduledAction, ScheduleRecord } from "#core/operation-record.ts";

/** The body of `POST …/operations`. */
export interface OperationOrder {
  readonly kind: OperationKind;
  readonly scenario?: string;
  readonly layers?: readonly string[];
  readonly targets?: readonly string[];
  readonly reason?: string;
  readonly force?: boolean;
  readonly onConflict?: ConflictChoice;
}

export interface OperationFilter {
  readonly system?: string;
  readonly environment?: string;
  readonly kind?: OperationKind;
  readonly state?: OperationState;
}

/** The controller's HTTP API, one method per request. Each throws the problem that the controller answers. */
export class ControllerApi {
  readonly client: JsonClient;

  constructor(client: JsonClient) {
    this.client = client;
  }

  async systems(): Promise<readonly SystemSummary[]> {
    return this.#all<SystemSummary>("/v1/systems");
  }

  async system(system: string): Promise<SystemView> {
    return (await this.client.send<SystemView>(path`/v1/systems/${system}`)).body;
  }

  async environments(): Promise<readonly EnvironmentView[]> {
    return this.#all<EnvironmentView>("/v1/environments");
  }

  async environment(system: string, environment: string): Promise<EnvironmentStatus> {
    return (await this.client.send<EnvironmentStatus>(path`/v1/environments/${system}/${environment}`)).body;
  }

  /** Changes the record as it is now: what isn't given stays. Throws `stale_etag` when somebody else changes it in between. */
  async changeEnvironment(system: string, environment: string, change: EnvironmentChange): Promise<EnvironmentView> {
    const address = path`/v1/environments/${system}/${environment}`;
    const now = await this.client.send<EnvironmentView>(address).catch((error: unknown) => {
      if (hasCode(error, "unknown_environment")) return undefined;
      throw error;
    });
    const { scenario, cluster, budget, config } = now?.body ?? ({} as Partial<EnvironmentView>);
    return (
      await this.client.send<EnvironmentView>(address, {
        method: "PUT",
        body: { scenario, cluster, budget, config, ...change },
        headers: now?.etag ? { "if-match": now.etag } : {},
      })
    ).body;
  }

  /** A repeated delivery of the same request is recognised by its key, so a lost answer can be asked for again. */
  async submit(system: string, environment: string, order: OperationOrder): Promise<OperationRecord> {
    const request = { method: "POST", body: order, headers: { "idempotency-key": randomUUID() } } as const;
    const address = path`/v1/environments/${system}/${environment}/operations`;
    const first = await this.client.send<OperationRecord>(address, request).catch((error: unknown) => {
      if (hasCode(error, "controller_unreachable")) return undefined;
      throw error;
    });
    return (first ?? (await this.client.send<OperationRecord>(address, request))).body;
  }

  async operation(id: string): Promise<OperationRecord> {
    return (await this.client.send<OperationRecord>(path`/v1/operations/${id}`)).body;
  }

  /** Newest first, at most `limit`. */
  async operations(filter: OperationFilter, limit: number): Promise<readonly OperationRecord[]> {
    return this.#all<OperationRecord>(`/v1/operations?${query({ ...filter, limit: String(Math.min(limit, 500)) })}`, limit);
  }

  /** What was recorded so far, read part by part. */
  async *events(id: string): AsyncGenerator<RecordedEvent> {
    for (let after = 0; ; ) {
      const { body } = await this.client.send<Page<RecordedEvent>>(`${path`/v1/operations/${id}/events`}?after=${after}`);
      yield* body.items;
      const last = body.items.at(-1);
      if (!last || last.type === "finished") return;
      after = last.sequence;
    }
  }

  async cancel(id: string): Promise<OperationRecord> {
    return (await this.client.send<OperationRecord>(path`/v1/operations/${id}/cancel`, { method: "POST" })).body;
  }

  async outputs(system: string, environment: string, layer: string): Promise<Readonly<Record<string, OutputView>>> {
    return (await this.client.send<Record<string, OutputView>>(path`/v1/environments/${system}/${environment}/layers/${layer}/outputs`)).body;
  }

  async schedules(system: string, environment: string): Promise<readonly ScheduleRecord[]> {
    return this.#all<ScheduleRecord>(path`/v1/environments/${system}/${environment}/schedules`);
  }

  async schedule(system: string, environment: string, id: string): Promise<ScheduleRecord> {
    return (await this.client.send<ScheduleRecord>(path`/v1/environments/${system}/${environment}/schedules/${id}`)).body;
  }

  async addSchedule(system: string, environment: string, order: { cron: string; timeZone?: string; action: ScheduledAction }): Promise<ScheduleRecord> {
    return (await this.client.send<ScheduleRecord>(path`/v1/environments/${system}/${environment}/schedules`, { method: "POST", body: order })).body;
  }

  async pauseSchedule(system: string, environment: string, id: string, paused: boolean): Promise<ScheduleRecord> {
    return (await this.client.send<ScheduleRecord>(path`/v1/environments/${system}/${environment}/schedules/${id}`, { method: "PATCH", body: { paused } }))
      .body;
  }

  async removeSchedule(system: string, environment: string, id: string): Promise<void> {
    await this.client.send(path`/v1/environments/${system}/${environment}/schedules/${id}`, { method: "DELETE" });
  }

  /** Reads a list page by page. */
  async #all<T>(address: string, limit = Number.POSITIVE_INFINITY): Promise<readonly T[]> {
    const items: T[] = [];
    for (let cursor: string | undefined, more = true; more && items.length < limit; ) {
      const separator = address.includes("?") ? "&" : "?";
      const { body } = await this.client.send<Page<T>>(cursor === undefined ? address : `${address}${separator}cursor=${encodeURIComponent(cursor)}`);
      items.push(...body.items);
      cursor = body.next;
      more = cursor !== undefined;
    }
    return items.slice(0, limit);
  }
}

/** A path whose inserted parts are escaped. */
function path(texts: TemplateStringsArray, ...parts: readonly string[]): string {
  return texts.reduce((whole, text, i) => whole + text + (i < parts.length ? encodeURIComponent(parts[i] ?? "") : ""), "");
}

function query(filter: object): string {
  return new URLSearchParams(Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined)).toString();
}
