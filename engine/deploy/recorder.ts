import type { JournalToken, SnapshotChange, SnapshotJournal } from "#engine/deploy/deployment.ts";
import { SnapshotModel } from "#engine/deploy/snapshot-model.ts";
import type { PendingOperation, Snapshot } from "#engine/state/resource-state.ts";

/** Tells the journal what happens to the snapshot and keeps the result in memory. In a dry run there is nothing to tell and nothing changes. */
export class Recorder {
  readonly #journal: SnapshotJournal | undefined;
  readonly #model: SnapshotModel;
  readonly #dryRun: boolean;
  #nextToken = 1;

  constructor(base: Snapshot, journal: SnapshotJournal | undefined, dryRun: boolean) {
    this.#journal = dryRun ? undefined : journal;
    this.#model = new SnapshotModel(base);
    this.#dryRun = dryRun;
  }

  /** Resolves when it is certain that the operation will be known as unfinished should everything stop now. */
  async begin(operation: PendingOperation): Promise<JournalToken> {
    const token = this.#nextToken++;
    if (this.#dryRun) return token;
    const journalToken = (await this.#journal?.begin(operation)) ?? token;
    this.#model.begin(journalToken, operation);
    return journalToken;
  }

  async end(token: JournalToken, change: SnapshotChange | undefined): Promise<void> {
    if (this.#dryRun) return;
    this.#model.end(token, change);
    await this.#journal?.end(token, change);
  }

  async record(change: SnapshotChange): Promise<void> {
    if (this.#dryRun) return;
    this.#model.apply(change);
    await this.#journal?.record(change);
  }

  async rebase(snapshot: Snapshot): Promise<void> {
    if (this.#dryRun) return;
    this.#model.rebase(snapshot);
    await this.#journal?.rebase(snapshot);
  }

  snapshot(): Snapshot {
    return this.#model.snapshot();
  }
}
