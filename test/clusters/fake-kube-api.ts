import { type KubeApi, KubeApiError, type KubeObject, type WatchEvent } from "#clusters/kube-client.ts";

/**
 * An API server in memory for the simulation loops. Differs from a real one: it knows merge patches of whole top-level fields only, validates nothing,
 * and never forgets an old resource version unless told to.
 */
export class FakeKubeApi implements KubeApi {
  readonly #collections = new Map<string, Map<string, KubeObject>>();
  readonly #watchers = new Set<{ path: string; push: (event: WatchEvent) => void; end: () => void }>();
  readonly #history: { path: string; version: number; event: WatchEvent }[] = [];
  #version = 0;
  /** Every change that was asked for: "PATCH /api/…". */
  readonly changes: string[] = [];

  /** Puts an object there as if somebody else had. `path` is the collection's, namespaced or not. */
  set(path: string, object: KubeObject): void {
    const collection = this.#collection(path);
    const key = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    const type = collection.has(key) ? "MODIFIED" : "ADDED";
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    collection.set(key, stored);
    this.#tell(path, { type, object: stored });
  }

  /** Ends every watch, as a server's restart does. */
  cutWatches(): void {
    for (const watcher of [...this.#watchers]) watcher.end();
  }

  /** Tells every watch that its version is too old. */
  expireWatches(): void {
    for (const watcher of [...this.#watchers]) watcher.push({ type: "ERROR", object: { metadata: { name: "" }, code: 410, message: "too old" } });
  }

  find(path: string, name: string, namespace = ""): KubeObject | undefined {
    return this.#collection(path).get(`${namespace}/${name}`);
  }

  async get(path: string): Promise<KubeObject> {
    const { collection, key } = this.#locate(path);
    const found = this.#collection(collection).get(key);
    if (!found) throw new KubeApiError("GET", path, 404, "not found");
    return found;
  }

  async list(path: string): Promise<{ items: KubeObject[]; resourceVersion: string }> {
    return { items: [...this.#collection(path).values()], resourceVersion: String(this.#version) };
  }

  async create(path: string, object: object): Promise<void> {
    const made = object as KubeObject;
    this.changes.push(`POST ${path}/${made.metadata.name}`);
    if (this.find(path, made.metadata.name)) throw new KubeApiError("POST", path, 409, "exists");
    this.set(path, made);
  }

  async patch(path: string, patch: object): Promise<void> {
    this.changes.push(`PATCH ${path}`);
    const { collection, key } = this.#locate(path.replace(/\/status$/, ""));
    const found = this.#collection(collection).get(key);
    if (!found) throw new KubeApiError("PATCH", path, 404, "not found");
    this.set(collection, { ...found, ...patch } as KubeObject);
  }

  async delete(path: string): Promise<void> {
    this.changes.push(`DELETE ${path}`);
    const { collection, key } = this.#locate(path);
    const found = this.#collection(collection).get(key);
    if (!found) throw new KubeApiError("DELETE", path, 404, "not found");
    this.#collection(collection).delete(key);
    this.#version++;
    this.#tell(collection, { type: "DELETED", object: { ...found, metadata: { ...found.metadata, resourceVersion: String(this.#version) } } });
  }

  async *watch(path: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const queue: (WatchEvent | undefined)[] = [];
    let wake = (): void => undefined;
    const push = (event: WatchEvent | undefined): void => {
      queue.push(event);
      wake();
    };
    const watcher = { path, push, end: () => push(undefined) };
    for (const past of this.#history) if (past.path === path && past.version > Number(resourceVersion)) push(past.event);
    this.#watchers.add(watcher);
    signal.addEventListener("abort", watcher.end);
    try {
      for (;;) {
        while (!queue.length) await new Promise<void>((resolve) => (wake = resolve));
        const event = queue.shift();
        if (!event || signal.aborted) return;
        yield event;
      }
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  #tell(path: string, event: WatchEvent): void {
    this.#history.push({ path, version: this.#version, event });
    for (const watcher of this.#watchers) if (watcher.path === path) watcher.push(event);
  }

  #collection(path: string): Map<string, KubeObject> {
    const found = this.#collections.get(path) ?? new Map<string, KubeObject>();
    this.#collections.set(path, found);
    return found;
  }

  /** "/api/v1/namespaces/NS/services/NAME" belongs to the collection "/api/v1/services". */
  #locate(path: string): { collection: string; key: string } {
    const namespaced = /^(.*)\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path);
    if (namespaced) return { collection: `${namespaced[1]}/${namespaced[3]}`, key: `${namespaced[2]}/${namespaced[4]}` };
    const cut = path.lastIndexOf("/");
    return { collection: path.slice(0, cut), key: `/${path.slice(cut + 1)}` };
  }
}
