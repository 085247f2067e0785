import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface Ending {
  /** Whether it ended by itself, within its limit, with exit code 0. */
  readonly well: boolean;
  /** Why not, for people. */
  readonly why?: string;
}

export interface BoundedOptions {
  readonly limitMs: number;
  readonly environment: NodeJS.ProcessEnv;
  /** A file for what it prints, instead of this process's own output. */
  readonly output?: string;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** How long a process group gets between the polite signal and the last one. */
const patienceMs = 5000;

/** Runs a program in a process group of its own and sees to it that the group is gone afterwards: at its end, after its limit, or when told to stop. */
export async function runBounded([program, ...args]: readonly [string, ...string[]], options: BoundedOptions): Promise<Ending> {
  const output = options.output === undefined ? undefined : createWriteStream(options.output);
  const child = spawn(program, args, { detached: true, env: options.environment, stdio: ["ignore", output ? "pipe" : "inherit", output ? "pipe" : "inherit"] });
  for (const stream of [child.stdout, child.stderr]) if (output) stream?.pipe(output, { end: false });
  const ended = new Promise<Ending>((resolve) => {
    child.once("error", (error) => resolve({ well: false, why: `${program} can't be started: ${error.message}` }));
    child.once("exit", (code, signal) => resolve(code === 0 ? { well: true } : { well: false, why: `${program} ended with ${signal ?? `code ${code}`}` }));
  });
  const timer = new AbortController();
  const limit = sleep(options.limitMs, { well: false, why: `not over after ${Math.round(options.limitMs / 60_000)} minutes` }, { signal: timer.signal });
  const told = new Promise<Ending>((resolve) => {
    const stop = () => resolve({ well: false, why: "stopped" });
    if (options.signal.aborted) stop();
    options.signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([ended, limit.catch(() => ended), told]);
  } finally {
    timer.abort();
    if (child.pid !== undefined) await endGroup(child.pid);
    output?.end();
  }
}

async function endGroup(group: number): Promise<void> {
  if (!send(group, "SIGTERM")) return;
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    await sleep(50);
    if (!send(group, 0)) return;
  }
  send(group, "SIGKILL");
}

/** False when there is no such group. */
function send(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
