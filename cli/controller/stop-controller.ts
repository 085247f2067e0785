import type { ControllerFile, ProcessControl } from "#cli/ports.ts";
import type { Time } from "#cli/time.ts";
import { StrataError } from "#core/errors.ts";

const patienceMillis = 60_000;
const pollMillis = 100;

/** Asks a controller of this machine to stop and waits until its process is gone. Throws `internal` when it stays. */
export async function stopController({ pid }: ControllerFile, processes: ProcessControl, { time, signal }: { time: Time; signal: AbortSignal }): Promise<void> {
  try {
    processes.terminate(pid);
  } catch (error) {
    // It may have gone in this very moment.
    if (processes.isAlive(pid)) throw error;
  }
  const begun = time.now();
  while (processes.isAlive(pid)) {
    if (time.now() - begun > patienceMillis)
      throw new StrataError(
        "internal",
        `The controller (process ${pid}) didn't stop within ${patienceMillis / 1000} seconds. 'kill -9 ${pid}' ends it; what it ran is repaired at the next start.`,
      );
    await time.sleep(pollMillis, signal);
  }
}
