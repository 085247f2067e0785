import { copyFileSync, statSync, truncateSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A log may grow to this many bytes, its predecessor is kept beside it as `<name>.old`. */
const largest = 16 << 20;
const everyMs = 60_000;

/** Keeps logs from growing without end. Their writers append, so that cutting them needs no co-operation. Runs until `signal`. */
export async function rotateLogs(files: readonly string[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const file of files) rotateLog(file);
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Cuts one log that is too long; answers whether it did. */
export function rotateLog(file: string, limit: number = largest): boolean {
  try {
    if (statSync(file).size <= limit) return false;
    copyFileSync(file, `${file}.old`);
    truncateSync(file);
    return true;
  } catch {
    // Not there yet, or no room for a copy: the next round tries again.
    return false;
  }
}
