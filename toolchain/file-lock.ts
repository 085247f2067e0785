import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { processIdentity } from "#core/process-identity.ts";

export interface FileLockOptions {
  readonly signal: AbortSignal;
  /** Called once when somebody else holds the lock. */
  readonly onWait: (holder: { readonly pid: number }) => void;
}

interface Holder {
  readonly pid: number;
  readonly identity: string;
  /** Distinguishes two takers within one process. */
  readonly token: string;
}

const pollMs = 100;

/**
 * Waits for a lock between processes of one machine and answers the function that releases it. A lock whose process is gone is taken over.
 * Rejects with the signal's reason when aborted while waiting.
 */
export async function lockFile(path: string, options: FileLockOptions): Promise<() => void> {
  const self: Holder = { pid: process.pid, identity: processIdentity(process.pid) ?? "", token: randomBytes(8).toString("hex") };
  const own = `${path}.${self.token}`;
  writeFileSync(own, JSON.stringify(self), { mode: 0o600, flag: "wx" });
  let told = false;
  try {
    for (;;) {
      options.signal.throwIfAborted();
      if (tryLink(own, path)) return () => release(path, self);
      const holder = readHolder(path);
      if (holder && processIdentity(holder.pid) === holder.identity) {
        if (!told) options.onWait(holder);
        told = true;
        await sleep(pollMs, undefined, { signal: options.signal }).catch(() => undefined);
      } else if (holder) removeStale(path, holder);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** A link either makes the whole lock or nothing. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    // Not written by us: nobody can hold it.
    if (error instanceof SyntaxError) return { pid: 0, identity: "", token: "" };
    throw error;
  }
}

function removeStale(path: string, stale: Holder): void {
  const aside = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // Somebody else was faster, and what was moved is the new holder's: put it back.
  if (readHolder(aside)?.token !== stale.token) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function release(path: string, self: Holder): void {
  if (readHolder(path)?.token === self.token) rmSync(path, { force: true });
}
