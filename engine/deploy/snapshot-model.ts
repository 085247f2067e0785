import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import type { PendingOperation, ResourceState, Snapshot } from "#engine/state/resource-state.ts";

/**
 * Folds changes into a snapshot: new states in the order they were completed, then the untouched ones of the base in their old order.
 * Every operation costs the same however large the stack is; only {@link SnapshotModel.snapshot} walks over everything.
 * Mirrors pulumi/pulumi:pkg/backend/snapshot.go `snap` (v3.259.0).
 */
export class SnapshotModel {
  /** Insertion order is the order in the snapshot; the value is what the state has been amended to. */
  readonly #old = new Map<ResourceState, ResourceState>();
  readonly #new = new Map<ResourceState, ResourceState>();
  /** From any version of a state to the object that it is filed under. */
  readonly #filedUnder = new Map<ResourceState, ResourceState>();
  readonly #unfinished = new Map<number, PendingOperation>();
  #keptOperations: readonly PendingOperation[];

  constructor(base: Snapshot) {
    this.#keptOperations = base.pendingOperations.filter((operation) => operation.type === "creating");
    for (const state of base.resources) this.#old.set(state, state);
  }

  begin(token: number, operation: PendingOperation): void {
    this.#unfinished.set(token, operation);
  }

  end(token: number, change: SnapshotChange | undefined): void {
    this.#unfinished.delete(token);
    if (change) this.apply(change);
  }

  apply(change: SnapshotChange): void {
    if (change.amend) this.#amend(change.amend.state, change.amend.by);
    if (change.drop) this.#drop(change.drop);
    if (change.put) {
      this.#filedUnder.delete(change.put);
      this.#new.set(change.put, change.put);
    }
  }

  /** Starts anew from another snapshot; operations under way stay. */
  rebase(base: Snapshot): void {
    this.#keptOperations = base.pendingOperations.filter((operation) => operation.type === "creating");
    this.#old.clear();
    this.#new.clear();
    this.#filedUnder.clear();
    for (const state of base.resources) this.#old.set(state, state);
  }

  snapshot(): Snapshot {
    return { resources: [...this.#new.values(), ...this.#old.values()], pendingOperations: [...this.#keptOperations, ...this.#unfinished.values()] };
  }

  #amend(state: ResourceState, by: ResourceState): void {
    const key = this.#filedUnder.get(state) ?? state;
    const file = this.#new.has(key) ? this.#new : this.#old.has(key) ? this.#old : undefined;
    if (!file) throw new Error(`the snapshot doesn't hold the state of ${state.urn} that is to be amended`);
    file.set(key, by);
    if (by !== key) this.#filedUnder.set(by, key);
  }

  #drop(state: ResourceState): void {
    const key = this.#filedUnder.get(state) ?? state;
    if (!this.#old.delete(key) && !this.#new.delete(key)) throw new Error(`the snapshot doesn't hold the state of ${state.urn} that is to be dropped`);
  }
}
