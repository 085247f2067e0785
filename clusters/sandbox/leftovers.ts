import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { processIdentity } from "#core/process-identity.ts";
import { sandboxVariable } from "./control-protocol.ts";

/** Processes of a sandbox, found by the id in their environment: works for those that nobody recorded, and never hits another's with a reused number. */
export function processesOf(clusterId: string): number[] {
  const mark = `${sandboxVariable}=${clusterId}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && environmentOf(pid).includes(mark));
}

/** Kills what a sandbox left running and waits until it is gone. Answers how many there were. */
export async function killLeftovers(clusterId: string): Promise<number> {
  // By identity, not by environment: a process that is ending loses its environment before it gives its ports free.
  const found = processesOf(clusterId).map((pid) => ({ pid, identity: processIdentity(pid) }));
  for (const { pid } of found) sendKill(pid);
  const deadline = Date.now() + 10_000;
  while (found.some(({ pid, identity }) => identity !== undefined && processIdentity(pid) === identity)) {
    if (Date.now() > deadline) throw new Error(`processes of the sandbox don't end: ${processesOf(clusterId).join(", ")}`);
    await sleep(20);
  }
  return found.length;
}

/** Resident bytes of a process; 0 when it is gone. */
export function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // Somebody else's process, or gone.
    return [];
  }
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone by itself.
  }
}
