import { parseUrn } from "#core/urn.ts";
import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import type { RegisterResult } from "#engine/deploy/goal.ts";
import { occasionOf } from "#engine/deploy/hooks.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Applied } from "#engine/deploy/step.ts";
import { BaseStep, failureOf } from "#engine/deploy/steps/base-step.ts";
import type { PendingOperation, ResourceState } from "#engine/state/resource-state.ts";
import type { DetailedDiff, DiffResponse, UpdateResponse } from "#providers/contract.ts";

/** Changes a resource in place. */
export class UpdateStep extends BaseStep {
  readonly op = "update";
  readonly diffs: readonly string[];
  readonly detailedDiff: DetailedDiff | undefined;
  readonly #ignoreChanges: readonly string[];

  constructor(
    context: RunContext,
    old: ResourceState,
    planned: ResourceState,
    done: (result: RegisterResult) => void,
    diff: Pick<DiffResponse, "diffs" | "detailedDiff">,
    ignoreChanges: readonly string[],
  ) {
    super(context, old, planned, done);
    this.diffs = diff.diffs;
    this.detailedDiff = diff.detailedDiff;
    this.#ignoreChanges = ignoreChanges;
  }

  get pending(): PendingOperation {
    return { resource: this.planned, type: "updating" };
  }

  async apply(): Promise<Applied> {
    const { hooks } = this.context;
    const old = this.old!;
    const planned: ResourceState = { ...this.planned, id: old.id, created: old.created, modified: old.modified };
    this.after = planned;
    const occasion = occasionOf(planned, { oldState: old, newState: planned, newInputs: planned.inputs, oldInputs: old.inputs, oldOutputs: old.outputs });
    await hooks.run("BeforeUpdate", planned, occasion);
    let failure: ReturnType<typeof failureOf> | undefined;
    if (planned.custom) {
      try {
        const response = await hooks.retrying("update", planned, occasion, () => this.#update(old, planned));
        this.after = { ...planned, outputs: response.outputs, modified: this.context.now() };
      } catch (error) {
        failure = failureOf(error);
        if (failure.status !== "partial") return failure;
        this.after = { ...planned, outputs: failure.outputs, initErrors: failure.reasons, modified: this.context.now() };
      }
    }
    if (failure) return failure;
    if (old.custom) await this.runAfterHook();
    return { status: "ok", complete: this.complete() };
  }

  /** A failure after the fact fails the run, but the resource is updated. */
  async runAfterHook(): Promise<void> {
    const old = this.old!;
    const state = this.planned;
    const occasion = { oldState: old, newState: state, newInputs: state.inputs, oldInputs: old.inputs, newOutputs: state.outputs, oldOutputs: old.outputs };
    try {
      await this.context.hooks.run("AfterUpdate", state, occasionOf(state, occasion));
    } catch (error) {
      this.context.recordLateError(this.urn, error);
    }
  }

  change(): SnapshotChange {
    return { drop: this.old!, put: this.planned };
  }

  async #update(old: ResourceState, planned: ResourceState): Promise<UpdateResponse> {
    return await this.context.managerOf(planned).update({
      urn: planned.urn,
      type: planned.type,
      name: parseUrn(planned.urn).name,
      id: old.id,
      oldInputs: old.inputs,
      oldOutputs: old.outputs,
      news: planned.inputs,
      ignoreChanges: this.#ignoreChanges,
      timeout: planned.customTimeouts.update ?? 0,
      preview: this.context.dryRun,
    });
  }
}
