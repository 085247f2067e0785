import { AsyncLocalStorage } from "node:async_hooks";

/** Lets a limited number of calls run at once; the others wait in order. */
export class Slots {
  /** Tells whoever is called within a slot that there is one. */
  readonly #held = new AsyncLocalStorage<true>();
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = Math.max(1, count);
  }

  /** Gives the slot that the caller runs in, if any, to others until the work is over. */
  async whileWaiting<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#held.getStore()) return await work();
    this.#release();
    try {
      return await this.#held.exit(work);
    } finally {
      await this.#acquire(true);
    }
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    await this.#acquire(false);
    try {
      return await this.#held.run(true, call);
    } finally {
      this.#release();
    }
  }

  /** What was begun comes before what wasn't. */
  async #acquire(isBegun: boolean): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => (isBegun ? this.#waiting.unshift(resolve) : this.#waiting.push(resolve)));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
