import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { createInterface } from "node:readline";

/** How to reach an API server with a client certificate. */
export interface KubeClientOptions {
  /** `https://host:port`. */
  readonly server: string;
  /** PEM files. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** A Kubernetes object as JSON. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** The API server's refusal. */
export class KubeApiError extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, message: string) {
    super(`${method} ${path}: ${status} ${message}`);
    this.name = "KubeApiError";
    this.status = status;
  }
}

export type PatchType = "merge" | "apply";
const patchTypes: Record<PatchType, string> = { merge: "application/merge-patch+json", apply: "application/apply-patch+yaml" };

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject & { code?: number; message?: string };
}

/** What the simulation loops need of an API server. */
export interface KubeApi {
  get(path: string, signal?: AbortSignal): Promise<KubeObject>;
  list(path: string, signal?: AbortSignal): Promise<{ items: KubeObject[]; resourceVersion: string }>;
  create(path: string, object: object): Promise<void>;
  patch(path: string, patch: object, type: PatchType): Promise<void>;
  delete(path: string): Promise<void>;
  /** The changes of a collection from `resourceVersion` on, until the server or `signal` ends them. */
  watch(path: string, resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent>;
}

/**
 * The few API calls that a sandbox's own loops make. The full client library isn't used here because loading it takes longer than the
 * rest of the supervisor's start and doubles its memory.
 */
export class KubeClient implements KubeApi {
  readonly #options: KubeClientOptions;
  readonly #agent: Agent;

  constructor(options: KubeClientOptions) {
    this.#options = options;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 8,
      ca: readFileSync(options.ca),
      cert: readFileSync(options.certificate),
      key: readFileSync(options.key),
    });
  }

  async get(path: string, signal?: AbortSignal): Promise<KubeObject> {
    return JSON.parse(await this.text("GET", path, { signal })) as KubeObject;
  }

  async list(path: string, signal?: AbortSignal): Promise<{ items: KubeObject[]; resourceVersion: string }> {
    const answer = JSON.parse(await this.text("GET", path, { signal })) as { items: KubeObject[] | null; metadata: { resourceVersion: string } };
    return { items: answer.items ?? [], resourceVersion: answer.metadata.resourceVersion };
  }

  async create(path: string, object: object): Promise<void> {
    await this.text("POST", path, { body: JSON.stringify(object), contentType: "application/json" });
  }

  async patch(path: string, patch: object, type: PatchType): Promise<void> {
    const query = type === "apply" ? "?fieldManager=strata-sandbox&force=true" : "?fieldManager=strata-sandbox";
    await this.text("PATCH", path + query, { body: JSON.stringify(patch), contentType: patchTypes[type] });
  }

  async delete(path: string): Promise<void> {
    await this.text("DELETE", path, {});
  }

  /** The answer's body; throws `KubeApiError` for any status from 400 on and the socket's error when there is no answer. */
  async text(
    method: string,
    path: string,
    options: { body?: string; contentType?: string; signal?: AbortSignal | undefined; timeoutMs?: number } = {},
  ): Promise<string> {
    const response = await this.#send(method, path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if ((response.statusCode ?? 0) >= 400) throw new KubeApiError(method, path, response.statusCode ?? 0, messageIn(body));
    return body;
  }

  async *watch(path: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const query = `?watch=1&allowWatchBookmarks=true&timeoutSeconds=600&resourceVersion=${encodeURIComponent(resourceVersion)}`;
    const response = await this.#send("GET", path + query, { signal, timeoutMs: 0 });
    if ((response.statusCode ?? 0) >= 400) throw new KubeApiError("WATCH", path, response.statusCode ?? 0, "");
    for await (const line of createInterface({ input: response })) if (line) yield JSON.parse(line) as WatchEvent;
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, options: { body?: string; contentType?: string; signal?: AbortSignal | undefined; timeoutMs?: number }) {
    const settings: RequestOptions = {
      method,
      agent: this.#agent,
      timeout: options.timeoutMs ?? 10_000,
      headers: {
        accept: "application/json",
        ...(options.body ? { "content-type": options.contentType, "content-length": Buffer.byteLength(options.body) } : {}),
      },
      ...(options.signal ? { signal: options.signal } : {}),
    };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(new URL(path, this.#options.server), settings, resolve);
      sent.on("timeout", () => sent.destroy(new Error(`no answer from ${this.#options.server} within ${settings.timeout} ms`)));
      sent.on("error", reject);
      sent.end(options.body);
    });
  }
}

function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: string };
    return message ?? body.slice(0, 300);
  } catch {
    return body.slice(0, 300);
  }
}
