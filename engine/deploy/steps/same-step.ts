import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import type { RegisterResult } from "#engine/deploy/goal.ts";
import { isProviderType } from "#engine/deploy/provider-reference.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Applied } from "#engine/deploy/step.ts";
import { BaseStep } from "#engine/deploy/steps/base-step.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

/** Nothing to do: the resource is as the program wants it. */
export class SameStep extends BaseStep {
  readonly op = "same";
  readonly untargeted: boolean;
  readonly skippedCreate: boolean = false;

  constructor(context: RunContext, old: ResourceState, planned: ResourceState, done?: (result: RegisterResult) => void, untargeted = false) {
    super(context, old, planned, done);
    this.untargeted = untargeted;
  }

  async apply(): Promise<Applied> {
    const old = this.old!;
    this.after = { ...this.planned, id: old.id, outputs: old.outputs };
    // An untouched provider goes on with the configuration it had, whatever its new inputs say.
    if (isProviderType(this.after.type) && !this.untargeted) await this.context.providers.same({ ...this.after, inputs: old.inputs }, true);
    return { status: "ok", complete: this.complete() };
  }

  change(): SnapshotChange {
    return { drop: this.old!, put: this.planned };
  }
}

/** A new resource that isn't a target: the program is told so, nothing is stored. */
export class SkippedCreateStep extends BaseStep {
  readonly op = "same";
  readonly untargeted = false;
  readonly skippedCreate = true;

  constructor(context: RunContext, planned: ResourceState, done: (result: RegisterResult) => void) {
    super(context, { ...planned }, planned, done);
  }

  async apply(): Promise<Applied> {
    return { status: "ok", complete: this.complete(true) };
  }

  change(): SnapshotChange | undefined {
    return undefined;
  }
}
