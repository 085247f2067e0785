import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, Pool, ProxyAgent } from "undici";
import type { PropertyMap, PropertyValue } from "#core/property-value.ts";
import { ApiError } from "#providers/kubernetes/client/api-error.ts";
import type { ClusterAccess } from "#providers/kubernetes/client/cluster-access.ts";
import { RequestThrottle } from "#providers/kubernetes/client/request-throttle.ts";

export interface RestClientOptions {
  /** Requests per second; no limit when absent. */
  readonly qps?: number;
  /** Requests that may exceed the rate at once. @default 120 */
  readonly burst?: number;
  /** Seconds to wait for an answer. @default 60 */
  readonly timeout?: number;
  /** @default 32 */
  readonly connections?: number;
}

export interface RestRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute path on the server, without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: PropertyValue;
  /** @default application/json */
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: PropertyMap;
}

const userAgent = "pulumi-kubernetes/4.32.0 (strata)";
const attemptsWhenThrottled = 10;
const attemptsWhenUnreachable = 4;

/**
 * Speaks JSON with one API server over kept-alive connections. A request that the server puts off (429, or 5xx with `Retry-After`) is repeated as told;
 * one that a broken connection interrupts is repeated if that can't do it twice.
 */
export class RestClient {
  readonly #access: ClusterAccess;
  readonly #requests: Dispatcher;
  readonly #watches: Dispatcher;
  readonly #basePath: string;
  readonly #throttle: RequestThrottle | undefined;

  constructor(access: ClusterAccess, options: RestClientOptions = {}) {
    this.#access = access;
    const url = new URL(access.server);
    this.#basePath = url.pathname.replace(/\/$/, "");
    const timeout = (options.timeout ?? 60) * 1000;
    this.#requests = dispatcher(access, url.origin, { connections: options.connections ?? 32, headersTimeout: timeout, bodyTimeout: timeout });
    this.#watches = dispatcher(access, url.origin, { connections: null, headersTimeout: timeout, bodyTimeout: 0 });
    this.#throttle = options.qps ? new RequestThrottle(options.qps, options.burst ?? 120) : undefined;
  }

  /** The URL of a path, for messages. */
  urlOf(path: string): string {
    return this.#access.server + path;
  }

  /** Sends a request; answers the body. Throws {@link ApiError} for what the server refuses and the network's own error when it can't be reached. */
  async request(request: RestRequest): Promise<PropertyMap> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(request);
      } catch (error) {
        const delay = delayBeforeRetry(error, request.method, attempt);
        if (delay === undefined) throw error;
        await sleep(delay, undefined, request.signal ? { signal: request.signal } : {});
      }
    }
  }

  async #send(request: RestRequest): Promise<PropertyMap> {
    await this.#throttle?.take(request.signal);
    const answer = await this.#dispatch(this.#requests, request);
    const text = await answer.body.text();
    const body = parseBody(text);
    if (answer.statusCode < 300) return body as PropertyMap;
    throw apiError(request, answer, text, body);
  }

  /** Events of a watch, until the server ends it or the signal fires. */
  async *watch(path: string, query: Readonly<Record<string, string | undefined>>, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const request: RestRequest = { method: "GET", path, query: { ...query, watch: "true" }, signal };
    const answer = await this.#dispatch(this.#watches, request);
    if (answer.statusCode >= 300) {
      const text = await answer.body.text();
      throw apiError(request, answer, text, parseBody(text));
    }
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of answer.body) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line) yield JSON.parse(line) as WatchEvent;
    }
  }

  async #dispatch(over: Dispatcher, request: RestRequest): Promise<Dispatcher.ResponseData> {
    const headers: Record<string, string> = { accept: request.accept ?? "application/json", "user-agent": userAgent, ...(await this.#access.authenticate()) };
    if (request.body !== undefined) headers["content-type"] = request.contentType ?? "application/json";
    return over.request({
      origin: new URL(this.#access.server).origin,
      path: this.#basePath + request.path + queryText(request.query),
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(request.signal ? { signal: request.signal } : {}),
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#watches.destroy()]);
  }
}

function dispatcher(access: ClusterAccess, origin: string, limits: { connections: number | null; headersTimeout: number; bodyTimeout: number }): Dispatcher {
  const common = { ...limits, keepAliveTimeout: 30_000, pipelining: 1 };
  if (access.proxyUrl) return new ProxyAgent({ uri: access.proxyUrl, requestTls: access.tls, ...common });
  return new Pool(origin, { ...common, connect: { ...access.tls, timeout: 10_000 } });
}

function queryText(query: RestRequest["query"]): string {
  const entries = Object.entries(query ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return entries.length ? `?${new URLSearchParams(entries)}` : "";
}

function parseBody(text: string): PropertyValue {
  try {
    return JSON.parse(text) as PropertyValue;
  } catch {
    return {};
  }
}

function apiError(request: RestRequest, answer: Dispatcher.ResponseData, text: string, body: PropertyValue): ApiError {
  const wait = Number(answer.headers["retry-after"]);
  const fallback = `${request.method} ${request.path}: the server answered ${answer.statusCode}${text ? `: ${text.slice(0, 300).trim()}` : ""}`;
  return new ApiError(answer.statusCode, body, fallback, Number.isFinite(wait) && wait >= 0 ? wait : undefined);
}

const brokenConnection = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_CLOSED"]);
const neverConnected = new Set(["ECONNREFUSED", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** Milliseconds after which the request may be sent again; `undefined` when it may not. */
function delayBeforeRetry(error: unknown, method: RestRequest["method"], attempt: number): number | undefined {
  if (error instanceof ApiError) {
    const putOff = error.status === 429 || (error.status >= 500 && error.retryAfter !== undefined);
    return putOff && attempt < attemptsWhenThrottled ? (error.retryAfter ?? 1) * 1000 : undefined;
  }
  const code = (error as { code?: string }).code ?? "";
  const harmless = neverConnected.has(code) || (brokenConnection.has(code) && method !== "POST");
  return harmless && attempt < attemptsWhenUnreachable ? 100 * 2 ** attempt : undefined;
}
