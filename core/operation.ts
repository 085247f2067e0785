/** The vocabulary of operations: what is asked for, what is reported while it runs, and what is left when it is over. */
import type { Problem } from "#core/errors.ts";
import type { ComponentId, EnvironmentName, LayerId, OperationId, ScenarioName, StackName, SystemName } from "#core/ids.ts";

export const operationKinds = ["preview", "up", "refresh", "destroy"] as const;
export type OperationKind = (typeof operationKinds)[number];

export const operationStates = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export type OperationState = (typeof operationStates)[number];

/** The step kinds of a Pulumi engine event. */
export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "remove-pending-replace"
  | "import"
  | "import-replacement";

/** How many steps of each kind a layer or operation took; kinds without a step are absent. */
export type StepCounts = Partial<Record<StepOp, number>>;

export type Severity = "debug" | "info" | "warning" | "error";

/** What happened, in the order it happened. */
export type OperationEvent =
  | { readonly type: "state"; readonly state: OperationState }
  /** Work before any layer: the engine that was chosen, tools being built, the cluster being started. `done` and `total` count steps where known. */
  | {
      readonly type: "progress";
      readonly stage: "engine" | "tools" | "cluster" | "charts" | "queue";
      readonly message: string;
      readonly done?: number;
      readonly total?: number;
    }
  | { readonly type: "layer-started"; readonly layer: LayerId; readonly stack: StackName }
  | {
      readonly type: "resource";
      readonly layer: LayerId;
      readonly phase: "started" | "done" | "failed";
      readonly op: StepOp;
      readonly urn: string;
      readonly resourceType: string;
      readonly name: string;
      readonly parent?: string;
      /** Top-level properties that differ, and whether that forces a replacement. */
      readonly diff?: Readonly<Record<string, "add" | "delete" | "update" | "add-replace" | "delete-replace" | "update-replace">>;
      /** True for a stand-in of something that couldn't be had, e.g. an official chart. */
      readonly standIn?: boolean;
    }
  | {
      readonly type: "diagnostic";
      readonly layer?: LayerId;
      readonly severity: Severity;
      readonly message: string;
      readonly urn?: string;
      readonly ephemeral?: boolean;
    }
  | { readonly type: "layer-finished"; readonly layer: LayerId; readonly result: LayerResult }
  | { readonly type: "finished"; readonly result: OperationResult };

/** An event with its place in the operation's log. `sequence` starts at 1 and has no gaps; `time` is ISO 8601 in UTC. */
export type RecordedEvent = { readonly operation: OperationId; readonly sequence: number; readonly time: string } & OperationEvent;

export interface LayerResult {
  readonly layer: LayerId;
  readonly stack: StackName;
  readonly state: "succeeded" | "failed" | "cancelled" | "skipped";
  readonly changes: StepCounts;
  readonly seconds: number;
  /** The stack's outputs; secret ones are `{secret: true}`, those not known in a preview `{unknown: true}`. */
  readonly outputs: Readonly<Record<string, OutputView>>;
  readonly problem?: Problem;
  /** How many resources of this layer stand in for something that couldn't be had. */
  readonly standIns: readonly StandIn[];
}

export type OutputView = { readonly value: unknown } | { readonly secret: true } | { readonly unknown: true };

export interface StandIn {
  readonly component: ComponentId;
  readonly layer: LayerId;
  readonly reason: string;
}

/** What a component asks its cluster to reserve, as seen in the manifests of its layer. */
export interface ComponentCapacity {
  readonly component: ComponentId;
  readonly layer: LayerId;
  /** Sum over all replicas of the workloads' requests. */
  readonly memoryBytes: number;
  readonly cpuMillis: number;
  readonly pods: number;
}

export interface Capacity {
  readonly components: readonly ComponentCapacity[];
  readonly memoryBytes: number;
  readonly cpuMillis: number;
  /** What the environment may use; absent when it has no limit. */
  readonly budgetMemoryBytes?: number;
}

export interface OperationResult {
  readonly state: Extract<OperationState, "succeeded" | "failed" | "cancelled">;
  readonly changes: StepCounts;
  readonly layers: readonly LayerResult[];
  readonly capacity?: Capacity;
  /** What the cluster only simulates, one sentence each; stand-ins are told by their layer. */
  readonly simulated: readonly string[];
  /** Components whose official chart was never rendered with our values. */
  readonly unproven: readonly ComponentId[];
  /** How to reach what runs; see {@link AccessHint}. */
  readonly access: readonly AccessHint[];
  readonly engine: string;
  readonly problem?: Problem;
}

/** One way to reach something that runs: a kubeconfig, a URL, where a password is. Never a secret's value. */
export interface AccessHint {
  readonly title: string;
  readonly kind: "kubeconfig" | "url" | "command" | "secret";
  readonly value: string;
}

/** What was asked for. */
export interface OperationRequest {
  readonly kind: OperationKind;
  readonly system: SystemName;
  readonly environment: EnvironmentName;
  readonly scenario?: ScenarioName;
  /** Only these layers; all of the scenario's when absent. */
  readonly layers?: readonly LayerId[];
  /** Only these resources (URNs or globs). */
  readonly targets?: readonly string[];
  readonly reason?: string;
  /** `up` beyond the memory budget. @default false */
  readonly force?: boolean;
}

export function addCounts(total: StepCounts, more: StepCounts): StepCounts {
  const sum: StepCounts = { ...total };
  for (const [op, count] of Object.entries(more) as [StepOp, number][]) sum[op] = (sum[op] ?? 0) + count;
  return sum;
}
