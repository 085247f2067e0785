import type { StepOp } from "#core/operation.ts";
import type { PropertyMap } from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";
import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import type { RegisterResult } from "#engine/deploy/goal.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Applied, Step } from "#engine/deploy/step.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";
import { InitFailedError, ProviderError } from "#providers/contract.ts";

/** What the steps have in common: the two states, and answering the registration they come from. */
export abstract class BaseStep implements Step {
  abstract readonly op: StepOp;
  readonly urn: Urn;
  readonly logical: boolean = true;
  protected readonly context: RunContext;
  protected before: ResourceState | undefined;
  protected after: ResourceState | undefined;
  readonly #done: ((result: RegisterResult) => void) | undefined;

  constructor(context: RunContext, before: ResourceState | undefined, after: ResourceState | undefined, done?: (result: RegisterResult) => void) {
    const subject = after ?? before;
    if (!subject) throw new Error("a step needs a state");
    this.context = context;
    this.before = before;
    this.after = after;
    this.urn = subject.urn;
    this.#done = done;
  }

  get old(): ResourceState | undefined {
    return this.before && this.context.latest(this.before);
  }

  get new(): ResourceState | undefined {
    return this.after;
  }

  abstract apply(): Promise<Applied>;
  abstract change(): SnapshotChange | undefined;

  settle(state: ResourceState): void {
    this.after = state;
  }

  answer(result: "failed" | "skipped"): void {
    if (this.after) this.#done?.({ state: this.after, result, unknown: false });
  }

  protected complete(unknown = false): () => void {
    return () => this.#done?.({ state: this.planned, result: "success", unknown });
  }

  /** The state after the step, for steps that have one. */
  protected get planned(): ResourceState {
    if (!this.after) throw new Error(`the ${this.op} step of ${this.urn} has no new state`);
    return this.after;
  }
}

/** What a failed provider call left: its partial result, or how sure it is that nothing changed. */
export type CallFailure =
  | {
      readonly status: "partial";
      readonly error: Error;
      readonly id: string;
      readonly inputs: PropertyMap | undefined;
      readonly outputs: PropertyMap;
      readonly reasons: readonly string[];
    }
  | { readonly status: "ok" | "unknown"; readonly error: unknown };

export function failureOf(error: unknown): CallFailure {
  if (error instanceof InitFailedError)
    return {
      status: "partial",
      error: new Error(initErrorText(error.reasons)),
      id: error.id,
      inputs: error.inputs,
      outputs: error.outputs,
      reasons: error.reasons,
    };
  const certain = error instanceof ProviderError && error.status !== "unknown" && error.status !== "internal";
  return { status: certain ? "ok" : "unknown", error };
}

function initErrorText(reasons: readonly string[]): string {
  if (reasons.length === 0) return "resource init failed";
  return `${reasons.length} error${reasons.length === 1 ? "" : "s"} occurred:\n\t${reasons.map((reason) => `* ${reason}`).join("\n\t")}\n\n`;
}
