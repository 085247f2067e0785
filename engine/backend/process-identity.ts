import { hostname, userInfo } from "node:os";
import { processIdentity } from "#core/process-identity.ts";

/** Enough of a process to tell later whether it still runs. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** See core/process-identity.ts. */
  readonly identity: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), identity: processIdentity(process.pid) ?? "" };
}

/** Whether the process is certainly gone. A process on another machine never is. */
export function isGone({ pid, host, identity }: ProcessIdentity): boolean {
  return host === hostname() && processIdentity(pid) !== identity;
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
