import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { encodeRecord, type JournalRecord, journalVersion, type StateEntry } from "#engine/backend/journal-format.ts";
import { encodeOperation, encodeResource } from "#engine/backend/resource-codec.ts";
import { sealedSecrets } from "#engine/backend/value-codec.ts";
import type { JournalToken, SnapshotChange, SnapshotJournal } from "#engine/deploy/deployment.ts";
import type { SecretSeal } from "#engine/secrets/secret-seal.ts";
import type { PendingOperation, ResourceState, Snapshot } from "#engine/state/resource-state.ts";

export interface JournalOptions {
  /** Absolute path of the file; it is made when the first provider call begins. */
  readonly file: string;
  /** `organization/PROJECT/STACK`. */
  readonly stack: string;
  /** SHA-256 of the checkpoint text. */
  readonly base: string;
  /** States of that checkpoint, in its order. */
  readonly resources: readonly ResourceState[];
  readonly seal: SecretSeal;
}

type Entry = () => JournalRecord;

/**
 * Records every change of a stack's state beside its checkpoint, so that nothing is lost when the process dies: append-only, flushed to disk before a provider is
 * called and after it answered. Appends that come together share one write and one flush. A record holds only the resource that changed.
 *
 * `record` and `rebase` settle at once: what they say follows from the program and is on disk no later than the next provider call.
 */
export class Journal implements SnapshotJournal {
  readonly #options: JournalOptions;
  readonly #ids = new WeakMap<ResourceState, number>();
  #nextId: number;
  #nextToken = 1;
  #queue: Entry[] = [];
  #handle: FileHandle | undefined;
  #offset = 0;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #broken: Error | undefined;
  #isOver = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    options.resources.forEach((state, index) => {
      this.#ids.set(state, index);
    });
    this.#nextId = options.resources.length;
    const { type, state } = options.seal.manager;
    this.#queue.push(() => ({ kind: "start", version: journalVersion, stack: options.stack, base: options.base, secretsProvider: { type, state } }));
  }

  async begin(operation: PendingOperation): Promise<JournalToken> {
    if (this.#isOver) throw new Error("the operation is over; nothing may begin any more");
    const token = this.#nextToken++;
    const entry: Entry = () => ({ kind: "begin", token, operation: encodeOperation(operation, sealedSecrets(this.#options.seal)) });
    this.#queue.push(entry);
    try {
      await this.#flush();
    } catch (error) {
      // The provider isn't called then, so the operation must not turn up as pending later.
      if (this.#queue.includes(entry)) this.#queue = this.#queue.filter((queued) => queued !== entry);
      else this.#queue.push(() => ({ kind: "end", token }));
      throw error;
    }
    return token;
  }

  async end(token: JournalToken, change: SnapshotChange | undefined): Promise<void> {
    // A call that a second interrupt gave up on may still end; its operation stays pending in the checkpoint.
    if (this.#isOver) return;
    const encoded = change && this.#change(change);
    this.#queue.push(() => ({ kind: "end", token, ...(encoded ? { change: encoded() } : {}) }));
    await this.#flush();
  }

  async record(change: SnapshotChange): Promise<void> {
    if (this.#isOver) return;
    const encoded = this.#change(change);
    this.#queue.push(() => ({ kind: "change", change: encoded() }));
  }

  async rebase(snapshot: Snapshot): Promise<void> {
    const states = snapshot.resources.map((state): (() => StateEntry) => {
      const id = this.#ids.get(state);
      return id === undefined ? this.#add(state) : () => ({ id });
    });
    const secrets = sealedSecrets(this.#options.seal);
    this.#queue.push(() => ({
      kind: "rebase",
      states: states.map((state) => state()),
      pending: snapshot.pendingOperations.map((operation) => encodeOperation(operation, secrets)),
    }));
  }

  /** Puts everything on disk that isn't yet, even when no provider was called. */
  async flush(): Promise<void> {
    await this.#flush();
  }

  /** Says that the checkpoint about to be written holds everything. Nothing to say when nothing was written so far. */
  async markFolded(checkpoint: string): Promise<void> {
    await this.#current;
    if (!this.#handle) return;
    this.#queue.push(() => ({ kind: "folded", checkpoint }));
    await this.#flush();
  }

  /** Whether there is a file that must be folded. */
  get isOnDisk(): boolean {
    return this.#handle !== undefined;
  }

  /** Closes the file and leaves it where it is. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#current;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** Closes and removes the file: what it says is in the checkpoint now. */
  async discard(): Promise<void> {
    await this.close();
    await rm(this.#options.file, { force: true });
  }

  #add(state: ResourceState): () => Required<StateEntry> {
    const id = this.#nextId++;
    this.#ids.set(state, id);
    return () => ({ id, resource: encodeResource(state, sealedSecrets(this.#options.seal)) });
  }

  #change({ amend, drop, put }: SnapshotChange) {
    const amended = amend && this.#amend(amend.state, amend.by);
    const dropped = drop && this.#idOf(drop);
    const added = put && this.#add(put);
    return () => ({
      ...(amended ? { amend: amended() } : {}),
      ...(dropped === undefined ? {} : { drop: dropped }),
      ...(added ? { put: added() } : {}),
    });
  }

  #amend(state: ResourceState, by: ResourceState): () => Required<StateEntry> {
    const id = this.#idOf(state);
    this.#ids.set(by, id);
    return () => ({ id, resource: encodeResource(by, sealedSecrets(this.#options.seal)) });
  }

  #idOf(state: ResourceState): number {
    const id = this.#ids.get(state);
    if (id === undefined) throw new Error(`the journal doesn't know the state of ${state.urn} that was changed`);
    return id;
  }

  /** Settles when all that is queued now is on disk; callers during a write share the next one. */
  #flush(): Promise<void> {
    if (!this.#next) {
      const next = this.#current.then(() => {
        this.#next = undefined;
        return this.#write();
      });
      this.#next = next;
      this.#current = next.catch(() => undefined);
    }
    return this.#next;
  }

  async #write(): Promise<void> {
    if (this.#broken) throw this.#broken;
    const entries = this.#queue;
    if (entries.length === 0) return;
    this.#queue = [];
    try {
      const bytes = Buffer.from(entries.map((entry) => encodeRecord(entry())).join(""));
      this.#handle ??= await create(this.#options.file);
      await writeAll(this.#handle, bytes, this.#offset);
      await this.#handle.datasync();
      this.#offset += bytes.length;
    } catch (error) {
      this.#queue = [...entries, ...this.#queue];
      await this.#forgetTornTail();
      throw new Error(`the change of state couldn't be recorded in ${this.#options.file}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Cuts off what a failed write left, so that the next one starts at a whole line. */
  async #forgetTornTail(): Promise<void> {
    try {
      await this.#handle?.truncate(this.#offset);
    } catch (error) {
      this.#broken = new Error(`the journal ${this.#options.file} can't be written any more: ${(error as Error).message}`, { cause: error });
    }
  }
}

async function create(file: string): Promise<FileHandle> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "wx", 0o600);
  const folder = await open(dirname(file), "r");
  try {
    await folder.sync().catch(() => undefined);
  } finally {
    await folder.close();
  }
  return handle;
}

async function writeAll(handle: FileHandle, bytes: Buffer, start: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
}
