import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Clock } from "#core/clock.ts";
import { isGone, ownIdentity, type ProcessIdentity, userName } from "#engine/backend/process-identity.ts";
import { qualifiedName, type StackReference } from "#engine/backend/stack-reference.ts";
import type { StateFiles } from "#engine/backend/state-files.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";

/** Where ours is kept that the genuine CLI must not see: anything in a lock folder is a lock to it, anything in `stacks` a stack. */
export const ownFolder = "strata";

export function lockFolder(reference: StackReference): string {
  return `locks/${qualifiedName(reference)}`;
}

export function journalFolder(reference: StackReference): string {
  return `${ownFolder}/journal/${reference.project}/${reference.stack}`;
}

function ownerFile(reference: StackReference, id: string): string {
  return `${ownFolder}/owners/${reference.project}/${reference.stack}/${id}.json`;
}

/**
 * A stack's lock, by the genuine CLI's protocol: no other lock before and after one's own is written. Mirrors pulumi/pulumi:pkg/backend/diy/lock.go
 * (v3.259.0). Besides, each of our locks names its process in a file of its own, so that the lock of one that died is taken over; a genuine CLI's never is.
 */
export class StackLock {
  readonly id: string;
  readonly #files: StateFiles;
  readonly #reference: StackReference;

  private constructor(files: StateFiles, reference: StackReference, id: string) {
    this.#files = files;
    this.#reference = reference;
    this.id = id;
  }

  /** Fails with the genuine CLI's words when the stack is locked. */
  static async acquire(files: StateFiles, reference: StackReference, clock: Clock): Promise<StackLock> {
    const lock = new StackLock(files, reference, randomUUID());
    await lock.#check();
    await files.write(ownerFile(reference, lock.id), Buffer.from(JSON.stringify(ownIdentity())));
    try {
      await files.write(lock.#file, Buffer.from(JSON.stringify(lockContent(clock))), { temporaryFolder: ownFolder });
      const dead = await lock.#check();
      for (const id of dead) await lock.#remove(id);
    } catch (error) {
      await lock.release();
      throw error;
    }
    return lock;
  }

  get #file(): string {
    return `${lockFolder(this.#reference)}/${this.id}.json`;
  }

  /** Whether nobody removed the lock meanwhile (`pulumi cancel`). */
  async isHeld(): Promise<boolean> {
    return await this.#files.exists(this.#file);
  }

  async release(): Promise<void> {
    await this.#remove(this.id);
  }

  /** Leaves the lock in place, because the journal couldn't be folded, but lets the next operation take it over. */
  async abandon(): Promise<void> {
    await this.#files.remove(ownerFile(this.#reference, this.id));
  }

  async #remove(id: string): Promise<void> {
    await this.#files.remove(`${lockFolder(this.#reference)}/${id}.json`);
    await this.#files.remove(ownerFile(this.#reference, id));
  }

  /** Ids of dead locks of ours; throws when there is any other besides this one. */
  async #check(): Promise<string[]> {
    const dead: string[] = [];
    const others: string[] = [];
    for (const name of await this.#files.list(lockFolder(this.#reference))) {
      const id = name.replace(/\.json$/, "");
      if (id === this.id) continue;
      if (await isDead(this.#files, this.#reference, id)) dead.push(id);
      else others.push(name);
    }
    if (others.length > 0) throw new CommandFailure(phrases.locked(others.length, await Promise.all(others.map((name) => this.#describe(name)))));
    return dead;
  }

  async #describe(name: string): Promise<string> {
    const file = `${lockFolder(this.#reference)}/${name}`;
    const url = `file://${this.#files.path(file)}`;
    const bytes = await this.#files.read(file);
    try {
      const { username, hostname: host, pid, timestamp } = JSON.parse(String(bytes)) as Record<string, unknown>;
      return `${url}: created by ${String(username)}@${String(host)} (pid ${String(pid)}) at ${String(timestamp).replace(/\.\d+/, "")}`;
    } catch {
      return `${url}: the file isn't a lock that can be read`;
    }
  }
}

/** Removes every lock of a stack, as `pulumi cancel` does. */
export async function removeLocks(files: StateFiles, reference: StackReference): Promise<void> {
  for (const name of await files.list(lockFolder(reference))) {
    await files.remove(`${lockFolder(reference)}/${name}`);
  }
}

/** Whether a lock or journal of ours belongs to a process that is gone, or that gave it up. */
export async function isDead(files: StateFiles, reference: StackReference, id: string): Promise<boolean> {
  const owner = await files.read(ownerFile(reference, id));
  if (owner) {
    const identity = parseIdentity(owner);
    return identity === undefined || isGone(identity);
  }
  return await files.exists(`${journalFolder(reference)}/${id}.journal`);
}

/** `undefined` for a file that a loss of power left without its content: whoever wrote it is gone. */
function parseIdentity(bytes: Buffer): ProcessIdentity | undefined {
  try {
    return JSON.parse(bytes.toString("utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

function lockContent(clock: Clock) {
  return { pid: process.pid, username: userName(), hostname: hostname(), timestamp: clock.now().toISOString() };
}
