import type { Clock } from "#core/clock.ts";

/** A clock that stands still until it is set. */
export class TestClock implements Clock {
  #now: Date;

  constructor(start: string) {
    this.#now = new Date(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  set(time: string): void {
    this.#now = new Date(time);
  }
}
