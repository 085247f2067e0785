import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { StrataError } from "#core/errors.ts";
import { processIdentity } from "#core/process-identity.ts";

export interface DirectoryLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly startTime: string | undefined;
  readonly token: string;
}

/** A claim is held for a few file operations only; an older one was left by a crash. */
const claimAgeMs = 10_000;

/**
 * Takes `<directory>.lock` for this process. The lock of a process that has ended is taken over; pid and start time tell it from a later process with the
 * same pid. Throws `data_folder_in_use` naming the holder. Processes that don't see each other's pids (separate containers on one volume) aren't kept apart.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = `${directory}.lock`;
  const own: Holder = { pid: process.pid, startTime: processIdentity(process.pid), token: randomUUID() };
  if (!(await create(path, own))) await takeOver(path, directory, own);
  return {
    async release() {
      if ((await read(path))?.token === own.token) await rm(path, { force: true });
    },
  };
}

async function takeOver(path: string, directory: string, own: Holder): Promise<void> {
  const claim = `${path}.claim`;
  await removeOldClaim(claim);
  if (!(await create(claim, own))) throw inUse(directory, path, await read(claim));
  try {
    const holder = await read(path);
    if (holder && isAlive(holder)) throw inUse(directory, path, holder);
    await rename(await writeDraft(path, own), path);
  } finally {
    await rm(claim, { force: true });
  }
}

async function removeOldClaim(claim: string): Promise<void> {
  const made = await stat(claim).catch(() => undefined);
  if (made && Date.now() - made.mtimeMs > claimAgeMs) await rm(claim, { force: true });
}

/** False when the file is there already. Linking makes it appear with its content, so that nobody reads an empty one. */
async function create(path: string, holder: Holder): Promise<boolean> {
  const draft = await writeDraft(path, holder);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft(path: string, holder: Holder): Promise<string> {
  const draft = `${path}.${holder.token}`;
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  return draft;
}

/** `undefined` for a file that is gone or isn't a lock of ours. */
async function read(path: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, "utf8")) as Partial<Holder> | null;
    return typeof holder?.pid === "number" && typeof holder.token === "string" ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startTime }: Holder): boolean {
  const now = processIdentity(pid);
  return now !== undefined && (startTime === undefined || startTime === now);
}

function inUse(directory: string, path: string, holder: Holder | undefined): StrataError {
  const who = holder ? `process ${holder.pid}` : "another process";
  return new StrataError(
    "data_folder_in_use",
    `${directory} is in use by ${who}. Stop that controller ('strata stop'), or choose another data folder with STRATA_HOME. The lock is ${path}.`,
    holder ? { facts: { pid: holder.pid } } : {},
  );
}
