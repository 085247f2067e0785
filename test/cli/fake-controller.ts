import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { EnvironmentStatus, SystemSummary, SystemView } from "#cli/http/views.ts";
import { type Problem, StrataError, toProblem } from "#core/errors.ts";
import type { RecordedEvent } from "#core/operation.ts";
import type { OperationRecord, ScheduleRecord } from "#core/operation-record.ts";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | ((response: ServerResponse, request: SeenRequest) => void);
type Handler = (request: SeenRequest) => Answer;

/** The HTTP API with canned answers over a real socket. It checks token and instance id like the real one; it validates nothing. */
export class FakeController {
  readonly requests: SeenRequest[] = [];
  readonly handlers = new Map<string, Handler>();
  readonly instance: string;
  token = "secret-token";
  isReady = true;
  #server: Server | undefined;

  constructor(instance = "instance-1") {
    this.instance = instance;
    this.on("GET /v1/systems", () => ({ body: { items: [summary] } }));
    this.on("GET /v1/systems/local-lab", () => ({ body: system }));
    this.on("GET /v1/environments/local-lab/lab", () => ({ body: environment, headers: { etag: '"3"' } }));
    this.on("GET /v1/environments", () => ({ body: { items: [environment] } }));
    this.on("GET /v1/environments/local-lab/lab/schedules", () => ({ body: { items: [] } }));
    this.on("GET /v1/operations", () => ({ body: { items: [] } }));
  }

  on(route: string, handler: Handler): this {
    this.handlers.set(route, handler);
    return this;
  }

  /** Answers a route with a problem document. */
  refuse(route: string, error: StrataError): this {
    const body: Problem = toProblem(error);
    return this.on(route, () => ({ status: error.status, body, headers: { "content-type": "application/problem+json" } }));
  }

  /** Accepts the next operation and streams these events for it. */
  runs(record: OperationRecord, events: readonly RecordedEvent[]): this {
    this.on(`POST /v1/environments/${record.system}/${record.environment}/operations`, () => ({ status: 202, body: record }));
    const last = events.at(-1);
    const over = last?.type === "finished" ? { ...record, state: last.result.state, result: last.result, lastSequence: last.sequence } : record;
    this.on(`GET /v1/operations/${record.id}`, () => ({ body: over }));
    return this.on(`GET /v1/operations/${record.id}/events`, (request) => (request.headers.accept === "text/event-stream" ? streamOf(events) : pageOf(events)));
  }

  async listen(): Promise<number> {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    return this.port;
  }

  get port(): number {
    if (!this.#server) throw new Error("it doesn't listen");
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  seen(method: string, path: string): SeenRequest[] {
    return this.requests.filter((request) => request.method === method && request.path === path);
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? "/", "http://localhost");
    const text = Buffer.concat(chunks).toString();
    const { method = "", headers } = incoming;
    const request: SeenRequest = {
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers,
      body: text ? JSON.parse(text) : undefined,
    };
    this.requests.push(request);
    const answer = this.#answerFor(request);
    if (typeof answer === "function") {
      answer(response, request);
      return;
    }
    const { status = 200, body } = answer;
    response.writeHead(status, { "content-type": "application/json", ...answer.headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  #answerFor(request: SeenRequest): Answer {
    if (request.path === "/healthz") return { body: { status: "ok", instance: this.instance, version: "1.2.3" } };
    if (request.path === "/readyz") return this.isReady ? { body: { status: "ready" } } : { status: 503, body: {} };
    if (request.headers.authorization !== `Bearer ${this.token}`) return problem(new StrataError("unauthorized", "The token isn't this controller's."));
    const handler = this.handlers.get(`${request.method} ${request.path}`);
    return handler ? handler(request) : problem(new StrataError("not_found", `No route ${request.method} ${request.path}`));
  }
}

function problem(error: StrataError): Answer {
  return { status: error.status, body: toProblem(error), headers: { "content-type": "application/problem+json" } };
}

/** A stream of the events after `Last-Event-ID` that ends by itself. */
export function streamOf(events: readonly RecordedEvent[]): Answer {
  return (response, request) => {
    const after = Number(request.headers["last-event-id"] ?? 0);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": connected\n\n");
    for (const event of events) if (event.sequence > after) response.write(sse(event));
    response.end();
  };
}

export function sse(event: RecordedEvent): string {
  return `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function pageOf(events: readonly RecordedEvent[]): Answer {
  return (response, request) => {
    const items = events.filter(({ sequence }) => sequence > Number(request.query["after"] ?? 0));
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ items }));
  };
}

export const summary = {
  name: "local-lab",
  title: "Local lab",
  description: "Data platform on one machine",
  defaultEnvironment: "lab",
  defaultScenario: "base",
} as SystemSummary;

export const system = {
  ...summary,
  layers: [
    { layer: "cluster", title: "Foundations", needs: [] },
    { layer: "platform_base", title: "Base", needs: ["cluster"] },
    { layer: "platform_data", title: "Data", needs: ["platform_base"] },
  ],
  components: [
    { component: "traefik", layer: "platform_base", title: "Traefik", memoryBytes: 100 * 2 ** 20 },
    { component: "airflow", layer: "platform_data", title: "Airflow", memoryBytes: 2 * 2 ** 30 },
  ],
  scenarios: [
    { scenario: "base", title: "Base", description: "", components: ["traefik"] },
    { scenario: "etl-minimal", title: "ETL", description: "", components: ["traefik", "airflow"] },
  ],
} as unknown as SystemView;

export const environment = {
  system: "local-lab",
  environment: "lab",
  scenario: "etl-minimal",
  cluster: { source: "sandbox", name: "local-lab-lab", nodes: [] },
  budget: { memoryBytes: 22 * 2 ** 30 },
  config: {},
  layers: [],
  pending: [],
} as unknown as EnvironmentStatus;

export function operationRecord(fields: Partial<OperationRecord> = {}): OperationRecord {
  return {
    id: "op-0mi8k2a10-1234abcd",
    kind: "up",
    system: "local-lab",
    environment: "lab",
    scenario: "etl-minimal",
    state: "queued",
    requester: "api",
    submittedAt: "2026-11-21T08:00:00.000Z",
    layerResults: [],
    lastSequence: 1,
    ...fields,
  } as OperationRecord;
}

export function scheduleRecord(fields: Partial<ScheduleRecord> = {}): ScheduleRecord {
  return {
    id: "sch-1",
    system: "local-lab",
    environment: "lab",
    cron: "0 7 * * *",
    timeZone: "UTC",
    action: { kind: "refresh" },
    paused: false,
    nextRuns: ["2026-11-22T07:00:00.000Z"],
    createdAt: "2026-11-21T08:00:00.000Z",
    updatedAt: "2026-11-21T08:00:00.000Z",
    ...fields,
  } as ScheduleRecord;
}
