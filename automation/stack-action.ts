/** One Pulumi action on one stack: what a runner process is told and what it answers. JSON through and through, since it crosses a process border. */
import type { LayerInput } from "#config/spec.ts";
import type { Problem } from "#core/errors.ts";
import type { LayerId, StackName } from "#core/ids.ts";
import type { AccessHint, ComponentCapacity, OperationEvent, OperationKind, OutputView, StepCounts } from "#core/operation.ts";

export interface StackAction {
  readonly kind: OperationKind;
  readonly stack: StackName;
  readonly layer: LayerId;
  readonly input: LayerInput;
  readonly dataFolder: string;
  /** How many nodes the cluster has, as far as that is known; 1 otherwise. */
  readonly nodes: number;
  /** How many steps run at once. */
  readonly parallel: number;
  readonly targets: readonly string[];
  /** Ends up in the stack's history. */
  readonly message: string;
  /** In a preview of several layers: what the previews of upstream layers answered. */
  readonly previewed: Readonly<Record<string, Readonly<Record<string, OutputView>>>>;
  /** Upstream layers that are up already. */
  readonly existing: readonly string[];
}

export interface StackActionResult {
  readonly state: "succeeded" | "failed" | "cancelled";
  readonly changes: StepCounts;
  readonly outputs: Readonly<Record<string, OutputView>>;
  readonly capacity: readonly ComponentCapacity[];
  readonly access: readonly AccessHint[];
  readonly problem?: Problem;
}

/** Events that a stack action reports; the walk over layers adds the others. */
export type StackActionEvent = Extract<OperationEvent, { type: "resource" | "diagnostic" }>;

/** A question about a stack that changes nothing. */
export interface StackQuestion {
  readonly stack: StackName;
  readonly dataFolder: string;
  readonly about: "outputs" | "resources" | "history";
  /** The most history entries that are wanted. */
  readonly limit?: number;
}
