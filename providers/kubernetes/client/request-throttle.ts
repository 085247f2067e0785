import { setTimeout as sleep } from "node:timers/promises";

/** Lets requests through at a steady rate, with a reserve for bursts. */
export class RequestThrottle {
  readonly #interval: number;
  readonly #burst: number;
  readonly #now: () => number;
  /** When the reserve would be full again, in milliseconds of the clock. */
  #fullAt = 0;

  /** @param qps requests per second */
  constructor(qps: number, burst: number, now: () => number = () => performance.now()) {
    this.#interval = 1000 / qps;
    this.#burst = Math.max(1, burst);
    this.#now = now;
  }

  /** Resolves when the next request may be sent. */
  async take(signal?: AbortSignal): Promise<void> {
    const wait = this.reserve();
    if (wait > 0) await sleep(wait, undefined, signal ? { signal } : {});
  }

  /** Takes a place; answers after how many milliseconds it may be used. */
  reserve(): number {
    const now = this.#now();
    this.#fullAt = Math.max(this.#fullAt, now) + this.#interval;
    return Math.max(0, this.#fullAt - now - this.#burst * this.#interval);
  }
}
