import { parseUrn } from "#core/urn.ts";
import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import type { RegisterResult } from "#engine/deploy/goal.ts";
import { occasionOf } from "#engine/deploy/hooks.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Applied } from "#engine/deploy/step.ts";
import { BaseStep, failureOf } from "#engine/deploy/steps/base-step.ts";
import type { PendingOperation, ResourceState } from "#engine/state/resource-state.ts";
import type { CreateResponse, DetailedDiff } from "#providers/contract.ts";

/** Why a resource is replaced. */
export interface ReplacementReason {
  readonly keys: readonly string[];
  readonly diffs: readonly string[];
  readonly detailedDiff: DetailedDiff | undefined;
}
export const noReason: ReplacementReason = { keys: [], diffs: [], detailedDiff: undefined };

/** Makes a new resource, also as the first or last part of a replacement. */
export class CreateStep extends BaseStep {
  readonly op: "create" | "create-replacement";
  override readonly logical: boolean;
  readonly keys: readonly string[];
  readonly diffs: readonly string[];
  readonly detailedDiff: DetailedDiff | undefined;
  /** The replaced resource still exists and is deleted at the end of the run. */
  readonly #deleteOldLater: boolean;
  #amended: { state: ResourceState; by: ResourceState } | undefined;

  constructor(
    context: RunContext,
    planned: ResourceState,
    done: (result: RegisterResult) => void,
    replacing?: { readonly old: ResourceState; readonly reason: ReplacementReason; readonly deleteOldLater: boolean },
  ) {
    super(context, replacing?.old, planned, done);
    this.op = replacing ? "create-replacement" : "create";
    this.logical = !replacing;
    this.keys = replacing?.reason.keys ?? [];
    this.diffs = replacing?.reason.diffs ?? [];
    this.detailedDiff = replacing?.reason.detailedDiff;
    this.#deleteOldLater = replacing?.deleteOldLater ?? false;
  }

  get pending(): PendingOperation {
    return { resource: this.planned, type: "creating" };
  }

  async apply(): Promise<Applied> {
    const { hooks } = this.context;
    const planned = this.planned;
    const occasion = { oldState: undefined, newState: planned, newInputs: planned.inputs };
    await hooks.run("BeforeCreate", planned, occasionOf(planned, occasion));
    let failure: ReturnType<typeof failureOf> | undefined;
    if (planned.custom) {
      try {
        const response = await hooks.retrying("create", planned, occasionOf(planned, occasion), () => this.#create());
        this.after = { ...planned, id: response.id, outputs: response.outputs };
      } catch (error) {
        failure = failureOf(error);
        // The genuine engine takes a creation that failed for one that left nothing behind, whatever its plugin's status says.
        if (failure.status !== "partial") return { ...failure, status: "ok" };
        this.after = { ...planned, id: failure.id, outputs: failure.outputs, initErrors: failure.reasons };
      }
    }
    const now = this.context.now();
    this.after = { ...this.planned, created: now, modified: now };
    this.#deleteOld();
    if (failure) return failure;
    // The hook of a component waits for its outputs.
    if (planned.custom) await this.runAfterHook();
    return { status: "ok", complete: this.complete() };
  }

  /** A failure after the fact fails the run, but the resource is there. */
  async runAfterHook(): Promise<void> {
    const state = this.planned;
    try {
      await this.context.hooks.run(
        "AfterCreate",
        state,
        occasionOf(state, { oldState: undefined, newState: state, newInputs: state.inputs, newOutputs: state.outputs }),
      );
    } catch (error) {
      this.context.recordLateError(this.urn, error);
    }
  }

  change(): SnapshotChange {
    const old = this.before && this.context.latest(this.before);
    if (this.#amended) return { put: this.planned, amend: this.#amended };
    return { put: this.planned, ...(old?.pendingReplacement ? { drop: old } : {}) };
  }

  async #create(): Promise<CreateResponse> {
    const state = this.planned;
    return await this.context.managerOf(state).create({
      urn: state.urn,
      type: state.type,
      name: parseUrn(state.urn).name,
      inputs: state.inputs,
      timeout: state.customTimeouts.create ?? 0,
      preview: this.context.dryRun,
    });
  }

  #deleteOld(): void {
    if (!this.before || !this.#deleteOldLater) return;
    const state = this.context.latest(this.before);
    const by = { ...state, delete: true };
    this.context.amend(state, by);
    this.#amended = { state, by };
  }
}
