import { setTimeout as sleep } from "node:timers/promises";
import type { KubeApi, KubeObject } from "#clusters/kube-client.ts";
import { messageOf } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";

const firstRetryMs = 250;
const lastRetryMs = 30_000;

type OnChange = (object: KubeObject) => Promise<void>;

/** A live copy of one collection, kept by list and watch. */
export class WatchedCollection {
  readonly #client: KubeApi;
  readonly #path: string;
  readonly #logger: Logger;
  readonly #objects = new Map<string, KubeObject>();
  readonly #retries = new Map<string, Promise<void>>();

  constructor(client: KubeApi, path: string, logger: Logger) {
    this.#client = client;
    this.#path = path;
    this.#logger = logger;
  }

  get objects(): Iterable<KubeObject> {
    return this.#objects.values();
  }

  /**
   * Calls `onChange` with each object that is there, then with each one that appears or changes; ends with `signal`. An object whose call failed gets another,
   * ever more rarely. Calls must bear being repeated.
   */
  async follow(onChange: OnChange, signal: AbortSignal): Promise<void> {
    await this.#followAll(onChange, signal);
    await Promise.all(this.#retries.values());
  }

  async #followAll(onChange: OnChange, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        const { items, resourceVersion } = await this.#client.list(this.#path, signal);
        this.#objects.clear();
        for (const item of items) this.#objects.set(keyOf(item), item);
        for (const item of items) await this.#handle(onChange, item, signal);
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

  async #watch(from: string, onChange: OnChange, signal: AbortSignal): Promise<void> {
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
          await this.#handle(onChange, event.object, signal);
        }
      }
      if (!seen) await sleep(100, undefined, { signal }).catch(() => undefined);
    }
  }

  async #handle(onChange: OnChange, object: KubeObject, signal: AbortSignal): Promise<void> {
    try {
      await onChange(object);
    } catch (error) {
      if (signal.aborted) return;
      const key = keyOf(object);
      this.#logger.warn({ path: this.#path, object: key, reason: messageOf(error) }, "trying again later");
      if (!this.#retries.has(key)) this.#retries.set(key, this.#retry(key, onChange, signal));
    }
  }

  async #retry(key: string, onChange: OnChange, signal: AbortSignal): Promise<void> {
    for (let wait = firstRetryMs; !signal.aborted; wait = Math.min(wait * 2, lastRetryMs)) {
      await sleep(wait, undefined, { signal }).catch(() => undefined);
      const object = this.#objects.get(key);
      if (!object || signal.aborted) break;
      try {
        await onChange(object);
        break;
      } catch (error) {
        this.#logger.debug({ path: this.#path, object: key, reason: messageOf(error) }, "failed again");
      }
    }
    this.#retries.delete(key);
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
