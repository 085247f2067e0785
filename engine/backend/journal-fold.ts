import type { OperationJson, ResourceJson } from "#engine/backend/checkpoint.ts";
import type { ChangeRecord, JournalRecord } from "#engine/backend/journal-format.ts";

export interface FoldedState {
  readonly resources: ResourceJson[];
  readonly pendingOperations: OperationJson[];
}

/**
 * The state that a journal leads to from its base: new states in the order they were completed, then the untouched ones of the base; operations
 * that began and didn't end are pending. Works on checkpoint JSON, so that it needs no passphrase. Folds as `engine/deploy/snapshot-model.ts` does.
 */
export function foldJournal(base: FoldedState, records: readonly JournalRecord[]): FoldedState {
  const known = new Map<number, ResourceJson>(base.resources.map((resource, index) => [index, resource]));
  let old = new Map(known);
  const fresh = new Map<number, ResourceJson>();
  const unfinished = new Map<number, OperationJson>();
  let kept = base.pendingOperations.filter(isKept);
  let touched = false;

  const apply = ({ amend, drop, put }: ChangeRecord) => {
    if (amend) {
      known.set(amend.id, amend.resource);
      (fresh.has(amend.id) ? fresh : old).set(amend.id, amend.resource);
    }
    if (drop !== undefined && !old.delete(drop)) fresh.delete(drop);
    if (put) {
      known.set(put.id, put.resource);
      fresh.set(put.id, put.resource);
    }
  };

  for (const record of records) {
    if (record.kind === "start" || record.kind === "folded") continue;
    touched = true;
    if (record.kind === "begin") unfinished.set(record.token, record.operation);
    else if (record.kind === "end") {
      unfinished.delete(record.token);
      if (record.change) apply(record.change);
    } else if (record.kind === "change") apply(record.change);
    else {
      fresh.clear();
      kept = record.pending.filter(isKept);
      for (const { id, resource } of record.states) if (resource) known.set(id, resource);
      old = new Map(record.states.map(({ id }) => [id, known.get(id)!]));
    }
  }
  return { resources: [...fresh.values(), ...old.values()], pendingOperations: touched ? [...kept, ...unfinished.values()] : base.pendingOperations };
}

/** An interrupted creation stays until somebody looks after it; other leftovers of earlier operations don't survive the next one. */
function isKept(operation: OperationJson): boolean {
  return operation.type === "creating";
}
