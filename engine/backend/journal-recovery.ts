import { appendFile, readFile, rename, truncate } from "node:fs/promises";
import type { DeploymentJson } from "#engine/backend/checkpoint.ts";
import { foldJournal } from "#engine/backend/journal-fold.ts";
import { encodeRecord, type JournalRecord, type ParsedJournal, parseJournal } from "#engine/backend/journal-format.ts";
import { isDead, journalFolder } from "#engine/backend/stack-lock.ts";
import type { StackReference } from "#engine/backend/stack-reference.ts";
import type { StackStore, StoredCheckpoint } from "#engine/backend/stack-store.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";

interface FoundJournal extends ParsedJournal {
  readonly id: string;
  readonly file: string;
}

/**
 * The checkpoint with what an unfolded journal adds to it: what really is, also while an operation runs or after it died. Nothing is written.
 */
export async function readWithJournal(store: StackStore, reference: StackReference): Promise<StoredCheckpoint | undefined> {
  const checkpoint = await store.read(reference);
  if (!checkpoint) return undefined;
  for (const journal of await findJournals(store, reference)) {
    const folded = journal.damaged ? undefined : fold(checkpoint, journal.records);
    if (folded) return { ...checkpoint, latest: folded };
  }
  return checkpoint;
}

/**
 * Folds the journals that dead processes left into the checkpoint. To be called with the stack's lock held. Answers one sentence for people per journal that
 * was folded, or that couldn't be and was kept aside.
 */
export async function recoverJournals(store: StackStore, reference: StackReference, lockId: string): Promise<string[]> {
  const notes: string[] = [];
  for (const journal of await findJournals(store, reference)) {
    if (journal.id === lockId) continue;
    if (!(await isDead(store.files, reference, journal.id)))
      throw new CommandFailure(
        `the lock of a process that still runs was removed while it changes this stack; wait for that process to end, or end it first (its journal is ${journal.file})`,
      );
    notes.push(...(await recover(store, reference, journal)));
    await store.files.remove(`strata/owners/${reference.project}/${reference.stack}/${journal.id}.json`);
  }
  return notes;
}

async function recover(store: StackStore, reference: StackReference, journal: FoundJournal): Promise<string[]> {
  const checkpoint = await store.read(reference);
  const last = journal.records.at(-1);
  const saysNothing = journal.records.length <= 1 && !journal.damaged;
  if (saysNothing || (checkpoint && last?.kind === "folded" && last.checkpoint === checkpoint.hash)) {
    await store.files.remove(relativeFile(reference, journal.id));
    return [];
  }
  const folded = checkpoint && !journal.damaged ? fold(checkpoint, journal.records) : undefined;
  if (!folded) {
    const aside = `${journal.file}.aside`;
    await rename(journal.file, aside);
    return [
      journal.damaged
        ? `the journal of an interrupted operation is damaged and wasn't applied; it was kept as ${aside}`
        : `the checkpoint was changed since an interrupted operation began, so its journal wasn't applied; it was kept as ${aside}`,
    ];
  }
  const { text, hash } = store.prepare(reference, folded);
  await truncate(journal.file, journal.length);
  await appendFile(journal.file, encodeRecord({ kind: "folded", checkpoint: hash }), { flush: true });
  await store.write(reference, text);
  await store.files.remove(relativeFile(reference, journal.id));
  const pending = folded.pending_operations?.length ?? 0;
  return [`recovered what an interrupted operation had done${pending ? `; ${pending} of its operations may still have been under way` : ""}`];
}

/** The deployment that the journal leads to, `undefined` when it doesn't build on this checkpoint or says nothing. */
function fold(checkpoint: StoredCheckpoint, records: readonly JournalRecord[]): DeploymentJson | undefined {
  const [start] = records;
  if (start?.kind !== "start" || start.version !== 1 || start.base !== checkpoint.hash || !checkpoint.latest) return undefined;
  const { resources, pendingOperations } = foldJournal(
    { resources: checkpoint.latest.resources ?? [], pendingOperations: checkpoint.latest.pending_operations ?? [] },
    records,
  );
  return { ...checkpoint.latest, resources, pending_operations: pendingOperations };
}

async function findJournals(store: StackStore, reference: StackReference): Promise<FoundJournal[]> {
  const names = (await store.files.list(journalFolder(reference))).filter((name) => name.endsWith(".journal"));
  return await Promise.all(
    names.map(async (name) => {
      const file = store.files.path(`${journalFolder(reference)}/${name}`);
      return { id: name.slice(0, -".journal".length), file, ...parseJournal(await readFile(file).catch(() => Buffer.alloc(0))) };
    }),
  );
}

function relativeFile(reference: StackReference, id: string): string {
  return `${journalFolder(reference)}/${id}.journal`;
}
