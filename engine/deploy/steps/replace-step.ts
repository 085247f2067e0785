import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Applied, Step } from "#engine/deploy/step.ts";
import { BaseStep } from "#engine/deploy/steps/base-step.ts";
import type { ReplacementReason } from "#engine/deploy/steps/create-step.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";
import type { DetailedDiff } from "#providers/contract.ts";

/** Stands for a replacement as a whole; making the new resource and deleting the old one are steps of their own. */
export class ReplaceStep extends BaseStep {
  readonly op = "replace";
  readonly keys: readonly string[];
  readonly diffs: readonly string[];
  readonly detailedDiff: DetailedDiff | undefined;
  /** The step that makes the new resource. */
  readonly #making: Step;

  constructor(context: RunContext, old: ResourceState, making: Step, reason: ReplacementReason) {
    super(context, old, making.new);
    this.#making = making;
    this.keys = reason.keys;
    this.diffs = reason.diffs;
    this.detailedDiff = reason.detailedDiff;
  }

  override get new(): ResourceState | undefined {
    return this.#making.new;
  }

  override settle(state: ResourceState): void {
    this.#making.settle(state);
  }

  async apply(): Promise<Applied> {
    return { status: "ok" };
  }

  /** The step that makes the new resource answers the program. */
  override answer(): void {}

  change(): SnapshotChange | undefined {
    return undefined;
  }
}
