import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";
import type { ComponentName } from "./components.ts";

export interface HealthWatchOptions {
  readonly components: readonly ComponentName[];
  /** Rejects when a component isn't healthy. */
  readonly check: (name: ComponentName) => Promise<void>;
  /** Called for a component that failed `failuresAllowed` checks in a row. */
  readonly onHang: (name: ComponentName) => void;
  readonly logger: Logger;
  /** @default 5000 */
  readonly everyMs?: number;
  /** @default 6 */
  readonly failuresAllowed?: number;
}

/** Notices components that still run but no longer answer. Runs until `signal`. */
export async function watchHealth(options: HealthWatchOptions, signal: AbortSignal): Promise<void> {
  const { components, check, onHang, logger, everyMs = 5_000, failuresAllowed = 6 } = options;
  const failures = new Map<ComponentName, number>();
  const checkOne = async (name: ComponentName): Promise<void> => {
    try {
      await check(name);
      failures.set(name, 0);
    } catch (error) {
      if (signal.aborted) return;
      const count = (failures.get(name) ?? 0) + 1;
      logger.warn({ component: name, count, reason: messageOf(error) }, "not healthy");
      failures.set(name, count % failuresAllowed);
      if (count >= failuresAllowed) onHang(name);
    }
  };
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await Promise.all(components.map(checkOne));
  }
}
