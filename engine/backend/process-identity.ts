import { readFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";

/** Enough of a process to tell later whether it still runs. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Changes with every start of the machine; "" where it can't be had. */
  readonly boot: string;
  /** When the process started, in ticks since the machine did; "" where it can't be had. */
  readonly started: string;
}

export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, host: hostname(), boot: await bootId(), started: (await startTicks(process.pid)) ?? "" };
}

/** Whether the process is certainly gone. A process on another machine never is. */
export async function isGone(identity: ProcessIdentity): Promise<boolean> {
  if (identity.host !== hostname()) return false;
  const boot = await bootId();
  if (identity.boot && boot && identity.boot !== boot) return true;
  if (!isRunning(identity.pid)) return true;
  const started = await startTicks(identity.pid);
  return Boolean(identity.started && started && identity.started !== started);
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function bootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim();
}

/** Field 22 of /proc/PID/stat; the process's name, field 2, may hold spaces and parentheses. A zombie counts as gone only once it is reaped. */
async function startTicks(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
