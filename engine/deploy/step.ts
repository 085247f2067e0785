import type { StepOp } from "#core/operation.ts";
import type { Urn } from "#core/urn.ts";
import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import type { PendingOperation, ResourceState } from "#engine/state/resource-state.ts";
import type { DetailedDiff } from "#providers/contract.ts";

/** How sure the engine is of what a failed call left behind: nothing changed, a partial result, or unknown. */
export type StepStatus = "ok" | "partial" | "unknown";

/** What applying a step came to. */
export interface Applied {
  readonly status: StepStatus;
  /** Set when the step failed; with status `partial` its result is kept nevertheless. */
  readonly error?: unknown;
  /** Answers the program; called when the snapshot holds the result. */
  readonly complete?: () => void;
}

/** One thing to do to one resource. Mirrors `Step` of pulumi/pulumi:pkg/resource/deploy/step.go (v3.259.0). */
export interface Step {
  readonly op: StepOp;
  readonly urn: Urn;
  /** Before; for steps that end a resource this is it. */
  readonly old: ResourceState | undefined;
  /** After; while the step wasn't applied without what only the provider knows. */
  readonly new: ResourceState | undefined;
  /** Whether it counts: the parts of a replacement don't, the replacement itself does. */
  readonly logical: boolean;
  /** Keys that force a replacement. */
  readonly keys?: readonly string[];
  /** Keys that differ. */
  readonly diffs?: readonly string[];
  readonly detailedDiff?: DetailedDiff | undefined;
  /** Left out of the operation by its targets. */
  readonly untargeted?: boolean;
  /** A create that doesn't happen because the resource isn't a target. */
  readonly skippedCreate?: boolean;
  /** For a refresh: what it found. */
  readonly resultOp?: StepOp;
  /** Neither counted nor shown to people. */
  readonly internal?: boolean;
  /** The call that begins, to be recorded before it does. */
  readonly pending?: PendingOperation;
  apply(): Promise<Applied>;
  /** What a step that succeeded, or did so partially, did to the snapshot. */
  change(): SnapshotChange | undefined;
  /** Gives the step another result, e.g. with outputs made secret. */
  settle(state: ResourceState): void;
  /** Answers the program that the step failed, or was left out because something it needs failed. */
  answer(result: "failed" | "skipped"): void;
}

/** The state a step is about. */
export function subjectOf(step: Step): ResourceState {
  const subject = step.op === "refresh" || isRemoval(step.op) ? step.old : step.new;
  if (!subject) throw new Error(`the ${step.op} step of ${step.urn} has no state`);
  return subject;
}

/** Whether the step ends a resource's life in the snapshot. */
export function isRemoval(op: StepOp): boolean {
  return op === "delete" || op === "delete-replaced" || op === "discard" || op === "discard-replaced" || op === "remove-pending-replace";
}
