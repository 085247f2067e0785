import { setTimeout as delay } from "node:timers/promises";

/** Time as the command line uses it, so that tests need not wait. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after the given milliseconds; rejects with an AbortError when the signal fires first. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}

export const systemTime: Time = {
  now: () => Date.now(),
  sleep: (millis, signal) => delay(millis, undefined, { signal }),
};
