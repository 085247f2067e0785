import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, isForbidden, isGone, NoMatchError } from "#providers/kubernetes/client/api-error.ts";
import { type Cluster, collectionPath, listItems } from "#providers/kubernetes/client/cluster.ts";
import { type Kind, kindText } from "#providers/kubernetes/model/kind.ts";
import { type KubernetesObject, nameOf, namespaceOf, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

export interface ObjectEvent {
  readonly type: "added" | "modified" | "deleted";
  readonly object: KubernetesObject;
}

export interface Listener {
  /** Called for every object that exists when the watch begins (as `added`) and for every change after. */
  onEvent(event: ObjectEvent): void;
  /** Every existing object was reported once. */
  onSynced?(): void;
  /** The objects can't be watched: not allowed, or no such kind. No event will come. */
  onDenied?(error: Error): void;
}

export interface Subscription {
  close(): void;
}

/** How long a watch that nobody listens to is kept, in case somebody soon does again. */
const lingerMilliseconds = 3000;

/** Watches objects of a kind in a namespace once for all who wait for them. */
export class SharedWatches {
  readonly #cluster: Cluster;
  readonly #watches = new Map<string, KindWatch>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @param namespace "" for cluster-scoped kinds */
  subscribe(kind: Kind, namespace: string, listener: Listener): Subscription {
    const key = `${kindText(kind)} ${namespace}`;
    let watch = this.#watches.get(key);
    if (!watch) {
      watch = new KindWatch(this.#cluster, kind, namespace, () => this.#watches.delete(key));
      this.#watches.set(key, watch);
    }
    return watch.subscribe(listener);
  }

  close(): void {
    for (const watch of [...this.#watches.values()]) watch.stop();
  }
}

/** One list-and-watch loop with the objects it knows. */
class KindWatch {
  readonly #cluster: Cluster;
  readonly #kind: Kind;
  readonly #namespace: string;
  readonly #onStopped: () => void;
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<Listener>();
  #objects = new Map<string, KubernetesObject>();
  #synced = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(cluster: Cluster, kind: Kind, namespace: string, onStopped: () => void) {
    this.#cluster = cluster;
    this.#kind = kind;
    this.#namespace = namespace;
    this.#onStopped = onStopped;
    this.#run().catch((error: unknown) => this.#deny(error as Error));
  }

  subscribe(listener: Listener): Subscription {
    clearTimeout(this.#linger);
    this.#listeners.add(listener);
    if (this.#synced) queueMicrotask(() => this.#replay(listener));
    return {
      close: () => {
        if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#linger = setTimeout(() => this.stop(), lingerMilliseconds).unref();
      },
    };
  }

  stop(): void {
    clearTimeout(this.#linger);
    this.#stopping.abort();
    this.#onStopped();
  }

  #replay(listener: Listener): void {
    if (!this.#listeners.has(listener)) return;
    for (const object of this.#objects.values()) listener.onEvent({ type: "added", object });
    listener.onSynced?.();
  }

  #deny(error: Error): void {
    if (this.#stopping.signal.aborted) return;
    const listeners = [...this.#listeners];
    this.stop();
    for (const listener of listeners) listener.onDenied?.(error);
  }

  async #run(): Promise<void> {
    let pause = 100;
    while (!this.#stopping.signal.aborted) {
      try {
        const version = await this.#list();
        pause = 100;
        await this.#follow(version);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        if (isForbidden(error) || error instanceof NoMatchError || (error instanceof ApiError && [404, 405].includes(error.status))) throw error;
        if (isGone(error)) continue;
        await sleep(pause, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
        pause = Math.min(pause * 2, 5000);
      }
    }
  }

  /** Lists anew and reports what differs from what was known. Answers the version to watch from. */
  async #list(): Promise<string> {
    const path = collectionPath(await this.#cluster.discovery.find(this.#kind), this.#namespace);
    const list = await this.#cluster.client.request({ method: "GET", path, signal: this.#stopping.signal });
    const gone = this.#objects;
    this.#objects = new Map();
    for (const object of listItems(list)) {
      const key = keyOf(object);
      const known = gone.get(key);
      gone.delete(key);
      this.#objects.set(key, object);
      if (!known) this.#report({ type: "added", object });
      else if (versionOf(known) !== versionOf(object)) this.#report({ type: "modified", object });
    }
    for (const object of gone.values()) this.#report({ type: "deleted", object });
    if (!this.#synced) {
      this.#synced = true;
      for (const listener of [...this.#listeners]) listener.onSynced?.();
    }
    return textAt(list, "metadata", "resourceVersion");
  }

  /** Reports changes until the server ends the watch; then goes on from the last version it told. */
  async #follow(from: string): Promise<void> {
    let version = from;
    while (!this.#stopping.signal.aborted) {
      const path = collectionPath(await this.#cluster.discovery.find(this.#kind), this.#namespace);
      const query = { resourceVersion: version, allowWatchBookmarks: "true", timeoutSeconds: "540" };
      for await (const { type, object } of this.#cluster.client.watch(path, query, this.#stopping.signal)) {
        if (type === "ERROR") throw new ApiError(Number(object.code) || 500, object, "the watch failed");
        version = versionOf(object) || version;
        const key = keyOf(object);
        if (type === "DELETED") {
          this.#objects.delete(key);
          this.#report({ type: "deleted", object });
        } else if (type === "ADDED" || type === "MODIFIED") {
          this.#report({ type: this.#objects.has(key) ? "modified" : "added", object });
          this.#objects.set(key, object);
        }
      }
    }
  }

  #report(event: ObjectEvent): void {
    // A listener of an unfinished first list hears of everything as it comes in; one that came later gets a replay.
    for (const listener of [...this.#listeners]) listener.onEvent(event);
  }
}

function keyOf(object: KubernetesObject): string {
  return `${namespaceOf(object)}/${nameOf(object)}`;
}

function versionOf(object: KubernetesObject): string {
  return textAt(object, "metadata", "resourceVersion");
}
