import { parseUrn } from "#core/urn.ts";
import { unknownString } from "#core/wire-value.ts";
import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import type { RegisterResult } from "#engine/deploy/goal.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Applied } from "#engine/deploy/step.ts";
import { BaseStep, failureOf } from "#engine/deploy/steps/base-step.ts";
import type { PendingOperation, ResourceState } from "#engine/state/resource-state.ts";
import { equalBags } from "#engine/values/value-diff.ts";
import type { ReadResponse } from "#providers/contract.ts";

/** Looks up a resource that the program doesn't manage. */
export class ReadStep extends BaseStep {
  readonly op: "read" | "read-replacement";
  override readonly logical: boolean;
  #amended: { state: ResourceState; by: ResourceState } | undefined;

  constructor(context: RunContext, old: ResourceState | undefined, planned: ResourceState, done: (result: RegisterResult) => void, replacing = false) {
    super(context, old, planned, done);
    this.op = replacing ? "read-replacement" : "read";
    this.logical = !replacing;
  }

  get pending(): PendingOperation {
    return { resource: this.planned, type: "reading" };
  }

  async apply(): Promise<Applied> {
    let failure: Extract<ReturnType<typeof failureOf>, { status: "partial" }> | undefined;
    if (this.planned.id !== unknownString) {
      try {
        const response = await this.#read();
        if (response.id === undefined) return { status: "ok", error: new Error(`resource '${this.planned.id}' does not exist`) };
        this.after = { ...this.planned, id: response.id || this.planned.id, outputs: response.outputs };
      } catch (error) {
        const found = failureOf(error);
        if (found.status !== "partial") return found;
        failure = found;
        this.after = { ...this.planned, id: found.id || this.planned.id, outputs: found.outputs, initErrors: found.reasons };
      }
    }
    this.#relateToOld();
    return failure ? { status: "partial", error: failure.error, complete: this.complete() } : { status: "ok", complete: this.complete() };
  }

  change(): SnapshotChange {
    if (this.#amended) return { put: this.planned, amend: this.#amended };
    return { put: this.planned, ...(this.old ? { drop: this.old } : {}) };
  }

  #relateToOld(): void {
    const old = this.old;
    if (!old) return;
    const changed = !equalBags(this.planned.inputs, old.inputs) || !equalBags(this.planned.outputs, old.outputs);
    this.after = { ...this.planned, created: old.created, modified: changed ? this.context.now() : old.modified };
    if (this.op === "read") return;
    const by = { ...old, delete: true };
    this.context.amend(old, by);
    this.#amended = { state: old, by };
  }

  async #read(): Promise<ReadResponse> {
    const state = this.planned;
    return await this.context.managerOf(state).read({
      urn: state.urn,
      type: state.type,
      name: parseUrn(state.urn).name,
      id: state.id,
      inputs: state.inputs,
      outputs: state.inputs,
      timeout: state.customTimeouts.read ?? 0,
    });
  }
}
