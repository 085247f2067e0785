import { setTimeout as sleep } from "node:timers/promises";
import type { KubeApi, KubeObject } from "#clusters/kube-client.ts";
import { messageOf } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";

/** A live copy of one collection, kept by list and watch. */
export class WatchedCollection {
  readonly #client: KubeApi;
  readonly #path: string;
  readonly #logger: Logger;
  readonly #objects = new Map<string, KubeObject>();

  constructor(client: KubeApi, path: string, logger: Logger) {
    this.#client = client;
    this.#path = path;
    this.#logger = logger;
  }

  get objects(): Iterable<KubeObject> {
    return this.#objects.values();
  }

  /** Calls `onChange` with each object that is there, then with each one that appears or changes, one after the other; ends with `signal`. */
  async follow(onChange: (object: KubeObject) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        const { items, resourceVersion } = await this.#client.list(this.#path, signal);
        this.#objects.clear();
        for (const item of items) this.#objects.set(keyOf(item), item);
        for (const item of items) await this.#handle(onChange, item);
        await this.#watch(resourceVersion, onChange, signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        this.#logger.warn({ path: this.#path, reason: messageOf(error) }, "watching again");
        await sleep(Math.min(5_000, 100 * 2 ** failures), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #watch(from: string, onChange: (object: KubeObject) => Promise<void>, signal: AbortSignal): Promise<void> {
    let version = from;
    while (!signal.aborted) {
      let seen = false;
      for await (const event of this.#client.watch(this.#path, version, signal)) {
        if (event.type === "ERROR") {
          // The version is too old for the server: list again.
          if (event.object.code === 410) return;
          throw new Error(event.object.message ?? "the watch ended with an error");
        }
        seen = true;
        version = event.object.metadata.resourceVersion ?? version;
        if (event.type === "DELETED") this.#objects.delete(keyOf(event.object));
        if (event.type === "ADDED" || event.type === "MODIFIED") {
          this.#objects.set(keyOf(event.object), event.object);
          await this.#handle(onChange, event.object);
        }
      }
      if (!seen) await sleep(100, undefined, { signal }).catch(() => undefined);
    }
  }

  async #handle(onChange: (object: KubeObject) => Promise<void>, object: KubeObject): Promise<void> {
    try {
      await onChange(object);
    } catch (error) {
      // The object's next change, or the next list, is the next try.
      this.#logger.warn({ path: this.#path, object: keyOf(object), reason: messageOf(error) }, "left as it is");
    }
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
