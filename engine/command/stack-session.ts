import type { Clock } from "#core/clock.ts";
import { newManifest } from "#engine/backend/checkpoint.ts";
import { integrityProblem } from "#engine/backend/integrity.ts";
import { Journal } from "#engine/backend/journal.ts";
import { recoverJournals } from "#engine/backend/journal-recovery.ts";
import { decodeSnapshot, encodeSnapshot } from "#engine/backend/snapshot-codec.ts";
import { journalFolder, StackLock } from "#engine/backend/stack-lock.ts";
import { qualifiedName, type StackReference } from "#engine/backend/stack-reference.ts";
import type { StackStore, StoredCheckpoint } from "#engine/backend/stack-store.ts";
import { blindedSecrets, unsealedSecrets } from "#engine/backend/value-codec.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import type { Workspace } from "#engine/command/workspace.ts";
import { SecretSeal } from "#engine/secrets/secret-seal.ts";
import { type SecretsManager, sameSecretsManager } from "#engine/secrets/secrets-manager.ts";
import type { Snapshot } from "#engine/state/resource-state.ts";

export interface SessionOptions {
  readonly workspace: Workspace;
  readonly reference: StackReference;
  /** What the operation encrypts with. */
  readonly manager: SecretsManager;
  readonly clock: Clock;
  /** Of the CLI that is mirrored, with a leading `v`. */
  readonly version: string;
}

/** The state of a stack as an operation found it, checked and decrypted. */
export async function readState({ workspace, manager }: SessionOptions, checkpoint: StoredCheckpoint): Promise<{ snapshot: Snapshot; seal: SecretSeal }> {
  const problem = checkpoint.latest && integrityProblem(checkpoint.latest);
  if (problem) throw new CommandFailure(phrases.integrityOnRead(problem));
  const seal = new SecretSeal(manager);
  const former = await workspace.secretsOfState(checkpoint);
  const decoder = former === undefined ? blindedSecrets : unsealedSecrets(sameSecretsManager(former, manager) ? seal : new SecretSeal(former));
  try {
    return { snapshot: decodeSnapshot(checkpoint.latest, decoder), seal };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`could not deserialize deployment: ${(error as Error).message}`, undefined, { cause: error });
  }
}

/**
 * A stack while an operation changes it: locked, with a journal, and put back as one checkpoint at the end. What dead processes left is recovered first.
 */
export class StackSession {
  readonly snapshot: Snapshot;
  readonly journal: Journal;
  /** What there is to tell people about the recovery. */
  readonly notes: readonly string[];
  readonly #options: SessionOptions;
  readonly #store: StackStore;
  readonly #lock: StackLock;
  readonly #seal: SecretSeal;
  readonly #checkpoint: StoredCheckpoint;

  private constructor(
    options: SessionOptions,
    store: StackStore,
    lock: StackLock,
    notes: readonly string[],
    checkpoint: StoredCheckpoint,
    state: { snapshot: Snapshot; seal: SecretSeal },
  ) {
    this.#options = options;
    this.#store = store;
    this.#lock = lock;
    this.notes = notes;
    this.#checkpoint = checkpoint;
    this.snapshot = state.snapshot;
    this.#seal = state.seal;
    this.journal = new Journal({
      file: store.files.path(`${journalFolder(options.reference)}/${lock.id}.journal`),
      stack: qualifiedName(options.reference),
      base: checkpoint.hash,
      resources: state.snapshot.resources,
      seal: state.seal,
    });
  }

  static async open(options: SessionOptions): Promise<StackSession> {
    const { workspace, reference, clock } = options;
    const store = await workspace.store();
    const lock = await StackLock.acquire(store.files, reference, clock);
    try {
      const notes = await recoverJournals(store, reference, lock.id);
      let checkpoint = await workspace.readCheckpoint(reference);
      let state = await readState(options, checkpoint);
      if (!isWrittenWith(checkpoint, options.manager)) {
        // A journal adds to its base, so both must be encrypted with the same key.
        await store.write(reference, encoded(store, options, state, checkpoint).text);
        checkpoint = await workspace.readCheckpoint(reference);
        state = await readState(options, checkpoint);
      }
      return new StackSession(options, store, lock, notes, checkpoint, state);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Writes the checkpoint that the operation led to. Fails when somebody else changed it meanwhile; the journal is kept then. */
  async save(snapshot: Snapshot): Promise<void> {
    const { reference } = this.#options;
    await this.journal.rebase(snapshot);
    const { text, hash } = encoded(this.#store, this.#options, { snapshot, seal: this.#seal }, this.#checkpoint);
    const current = await this.#store.read(reference);
    if (current?.hash !== this.#checkpoint.hash || !(await this.#lock.isHeld())) {
      await this.journal.flush();
      throw new CommandFailure(
        `the lock of '${reference.stack}' was removed${current?.hash === this.#checkpoint.hash ? "" : " and its checkpoint changed"} while this operation ran; what it did is kept in ${this.#store.files.path(`${journalFolder(reference)}/${this.#lock.id}.journal`)}`,
      );
    }
    await this.journal.markFolded(hash);
    await this.#store.write(reference, text);
    await this.journal.discard();
  }

  /**
   * Gives the stack free. Where a journal couldn't be folded, it stays for the next operation to fold, and the lock stays so that nobody reads the old
   * checkpoint until then.
   */
  async close(): Promise<void> {
    if (!this.journal.isOnDisk) {
      await this.#lock.release();
      return;
    }
    await this.journal.flush().catch(() => undefined);
    await this.journal.close();
    await this.#lock.abandon();
  }
}

function isWrittenWith(checkpoint: StoredCheckpoint, manager: SecretsManager): boolean {
  const recorded = checkpoint.latest?.secrets_providers;
  return recorded !== undefined && recorded.type === manager.type && JSON.stringify(recorded.state ?? {}) === JSON.stringify(manager.state);
}

function encoded(store: StackStore, { reference, clock, version }: SessionOptions, state: { snapshot: Snapshot; seal: SecretSeal }, former: StoredCheckpoint) {
  return store.prepare(reference, encodeSnapshot(state.snapshot, state.seal, newManifest(clock.now(), version), former.latest));
}
