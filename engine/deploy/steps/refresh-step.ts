import type { StepOp } from "#core/operation.ts";
import { parseUrn } from "#core/urn.ts";
import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import { diffResource } from "#engine/deploy/diff-resource.ts";
import { isProviderType } from "#engine/deploy/provider-reference.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Applied } from "#engine/deploy/step.ts";
import { BaseStep, failureOf } from "#engine/deploy/steps/base-step.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";
import { equalBags } from "#engine/values/value-diff.ts";
import type { DetailedDiff, DiffKind, DiffResponse, ReadResponse } from "#providers/contract.ts";

const inverse: Readonly<Record<DiffKind, DiffKind>> = {
  add: "delete",
  "add-replace": "delete-replace",
  delete: "add",
  "delete-replace": "add-replace",
  update: "update",
  "update-replace": "update-replace",
};

/** Asks the provider what became of a resource. */
export class RefreshStep extends BaseStep {
  readonly op = "refresh";
  override readonly logical = false;
  readonly internal: boolean;
  /** Written at once, as part of a program run; otherwise the whole base is rewritten when all are refreshed. */
  readonly #persisted: boolean;
  #deleted = false;
  #diff: DiffResponse | undefined;

  /** `planned` carries what the program wants besides inputs and outputs, when it runs. */
  constructor(context: RunContext, old: ResourceState, planned?: ResourceState) {
    super(context, old, planned ?? old);
    this.#persisted = planned !== undefined;
    this.internal = planned !== undefined && isUnreadable(old);
  }

  override get new(): ResourceState | undefined {
    return this.#deleted ? undefined : this.after;
  }

  get diffs(): readonly string[] {
    return this.#diff?.diffs ?? [];
  }

  get detailedDiff(): DetailedDiff | undefined {
    return this.#diff?.detailedDiff;
  }

  get resultOp(): StepOp {
    if (this.#deleted) return "delete";
    const old = this.before!;
    if (this.after === old) return "same";
    const same = old.external ? equalBags(old.outputs, this.planned.outputs) : !this.#diff || this.#diff.changes === "none";
    return same ? "same" : "update";
  }

  async apply(): Promise<Applied> {
    const old = this.old!;
    if (isUnreadable(old) || old.pendingReplacement) {
      if (this.#persisted) this.after = { ...old };
      return { status: "ok" };
    }
    let answer: ReadResponse;
    let initErrors: readonly string[] = [];
    try {
      answer = await this.#read(old);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.status !== "partial") return failure;
      answer = { id: failure.id, inputs: failure.inputs, outputs: failure.outputs };
      initErrors = failure.reasons;
      this.context.diagnostics.warning(this.urn, `Refreshed resource is in an unhealthy state:\n* ${initErrors.join("\n* ")}`);
    }
    if (!answer.id) {
      this.#deleted = true;
      return { status: "ok" };
    }
    const inputs = answer.inputs ?? old.inputs;
    const changed = !equalBags(inputs, old.inputs) || !equalBags(answer.outputs, old.outputs);
    this.after = { ...this.planned, id: answer.id, inputs, outputs: answer.outputs, initErrors, ...(changed ? { modified: this.context.now() } : {}) };
    if (!old.external) await this.#compare(old, this.after);
    return { status: "ok" };
  }

  change(): SnapshotChange | undefined {
    if (!this.#persisted) return undefined;
    return this.#deleted ? { drop: this.old! } : { drop: this.old!, put: this.planned };
  }

  /** What is there counts as the old side, what the program last wanted as the new one; people want to see it the other way round. */
  async #compare(old: ResourceState, found: ResourceState): Promise<void> {
    const diff = await diffResource(this.context, this.context.managerOf(old), {
      urn: found.urn,
      id: found.id,
      oldInputs: found.inputs,
      oldOutputs: found.outputs,
      news: old.inputs,
      ignoreChanges: old.ignoreChanges,
    });
    this.#diff = { ...diff, ...(diff.detailedDiff ? { detailedDiff: invert(diff.detailedDiff) } : {}) };
  }

  async #read(old: ResourceState): Promise<ReadResponse> {
    return await this.context.managerOf(old).read({
      urn: this.planned.urn,
      type: old.type,
      name: parseUrn(this.planned.urn).name,
      id: old.id,
      inputs: old.inputs,
      outputs: old.outputs,
      timeout: old.customTimeouts.read ?? 0,
    });
  }
}

/** Components and providers have nothing outside the snapshot. */
function isUnreadable(state: ResourceState): boolean {
  return !state.custom || isProviderType(state.type);
}

function invert(diff: DetailedDiff): DetailedDiff {
  return Object.fromEntries(Object.entries(diff).map(([path, { kind, inputDiff }]) => [path, { kind: inverse[kind], inputDiff }]));
}
