/** Lets one call at a time run, in the order they came. */
export class Lock {
  #last: Promise<unknown> = Promise.resolve();

  async hold<T>(call: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await call();
    } finally {
      resolve();
    }
  }
}
