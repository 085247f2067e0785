import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type KubernetesObject, nameOf } from "#providers/kubernetes/model/kubernetes-object.ts";

/** What the fake serves: plural to kind and scope. */
const kinds: Readonly<Record<string, { group: string; kind: string; namespaced: boolean }>> = {
  namespaces: { group: "", kind: "Namespace", namespaced: false },
  configmaps: { group: "", kind: "ConfigMap", namespaced: true },
  secrets: { group: "", kind: "Secret", namespaced: true },
  events: { group: "", kind: "Event", namespaced: true },
  pods: { group: "", kind: "Pod", namespaced: true },
};

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: KubernetesObject | undefined;
}

/**
 * An API server in memory for core/v1. Unlike a real one it neither validates nor defaults, merges an apply as a whole, and has no controllers.
 */
export class FakeApiServer {
  readonly seen: Seen[] = [];
  /** Answers before the fake itself does; `undefined` lets it. */
  intercept: (request: Seen) => { status: number; body: KubernetesObject; headers?: Record<string, string> } | undefined = () => undefined;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #watchers = new Set<{ collection: string; response: ServerResponse }>();
  readonly #server: Server;
  #version = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<FakeApiServer> {
    const fake = new FakeApiServer();
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get kubeconfig(): string {
    const server = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return JSON.stringify({
      "current-context": "fake",
      contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
      clusters: [{ name: "fake", cluster: { server } }],
      users: [{ name: "fake", user: { token: "let-me-in" } }],
    });
  }

  /** Puts an object there as somebody else would. */
  put(path: string, object: KubernetesObject): void {
    const known = this.#objects.has(path);
    this.#store(path, object, known ? "MODIFIED" : "ADDED");
  }

  get(path: string): KubernetesObject | undefined {
    return this.#objects.get(path);
  }

  remove(path: string): void {
    const object = this.#objects.get(path);
    this.#objects.delete(path);
    if (object) this.#tell(path, "DELETED", object);
  }

  #store(path: string, object: KubernetesObject, type: string): KubernetesObject {
    const metadata = { uid: `uid-${this.#version}`, ...(object.metadata as KubernetesObject), resourceVersion: String(++this.#version) };
    const stored = { ...object, metadata };
    this.#objects.set(path, stored);
    this.#tell(path, type, stored);
    return stored;
  }

  #tell(path: string, type: string, object: KubernetesObject): void {
    for (const { collection, response } of this.#watchers)
      if (path.slice(0, path.lastIndexOf("/")) === collection) response.write(`${JSON.stringify({ type, object })}\n`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    let text = "";
    for await (const chunk of request) text += chunk;
    const seen: Seen = { method: request.method ?? "", path: url.pathname, query: url.searchParams, body: text ? JSON.parse(text) : undefined };
    this.seen.push(seen);
    const forced = this.intercept(seen);
    if (forced) send(response, forced.status, forced.body, forced.headers);
    else if (seen.path === "/version") send(response, 200, { major: "1", minor: "36", gitVersion: "v1.36.3" });
    else if (seen.path === "/api" || seen.path === "/apis") send(response, 200, discovery(seen.path));
    else if (seen.query.get("watch") === "true") this.#watch(seen.path, response);
    else {
      const { status, body } = this.#serve(seen);
      send(response, status, body);
    }
  }

  #watch(collection: string, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const watcher = { collection, response };
    this.#watchers.add(watcher);
    response.on("close", () => this.#watchers.delete(watcher));
  }

  #serve({ method, path, query, body = {} }: Seen): { status: number; body: KubernetesObject } {
    const plural = path.split("/").find((part) => part !== "namespaces" && part in kinds) ?? "namespaces";
    if (method === "GET" && path.endsWith(`/${plural}`)) {
      const items = [...this.#objects].filter(([key]) => key.slice(0, key.lastIndexOf("/")) === path).map(([, object]) => object);
      return { status: 200, body: { apiVersion: "v1", kind: `${kinds[plural]?.kind}List`, metadata: { resourceVersion: String(this.#version) }, items } };
    }
    const dryRun = query.get("dryRun") === "All";
    if (method === "POST") {
      const key = `${path}/${nameOf(body)}`;
      if (this.#objects.has(key)) return failure(409, "AlreadyExists", `${plural} "${nameOf(body)}" already exists`);
      return { status: 201, body: dryRun ? { ...body } : this.#store(key, body, "ADDED") };
    }
    const object = this.#objects.get(path);
    if (!object) return failure(404, "NotFound", `${plural} "${path.split("/").at(-1)}" not found`);
    if (method === "GET") return { status: 200, body: object };
    if (method === "DELETE") return { status: 200, body: this.#delete(path, object) };
    const patch = Array.isArray(body) ? {} : body;
    const metadata = { ...(object.metadata as KubernetesObject), ...(patch.metadata as KubernetesObject) };
    const changed = { ...object, ...patch, metadata };
    return { status: 200, body: dryRun ? changed : this.#store(path, changed, "MODIFIED") };
  }

  #delete(path: string, object: KubernetesObject): KubernetesObject {
    if ((object.metadata as KubernetesObject).finalizers) return this.#store(path, object, "MODIFIED");
    this.remove(path);
    return { kind: "Status", apiVersion: "v1", status: "Success" };
  }
}

function discovery(path: string): KubernetesObject {
  const resources = Object.entries(kinds).map(([resource, { group, kind, namespaced }]) => ({
    resource,
    scope: namespaced ? "Namespaced" : "Cluster",
    responseKind: { group, version: "v1", kind },
  }));
  return { kind: "APIGroupDiscoveryList", items: path === "/api" ? [{ metadata: {}, versions: [{ version: "v1", resources }] }] : [] };
}

function failure(status: number, reason: string, message: string): { status: number; body: KubernetesObject } {
  return { status, body: { kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason, message, details: {} } };
}

function send(response: ServerResponse, status: number, body: KubernetesObject, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
