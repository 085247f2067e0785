/** Reading what stacks hold, without running anything: the seam between the HTTP service and the state. */
import type { EnvironmentName, LayerId, SystemName } from "#core/ids.ts";
import type { OperationKind, OutputView, StepCounts } from "#core/operation.ts";

/** One layer of one environment. */
export interface StackAddress {
  readonly system: SystemName;
  readonly environment: EnvironmentName;
  readonly layer: LayerId;
}

/** Each method throws `stack_not_found` where the layer was never deployed. */
export interface StackReader {
  /** The stack's outputs, secret ones masked. */
  outputs(stack: StackAddress): Promise<Readonly<Record<string, OutputView>>>;
  /** In the order of the checkpoint. */
  resources(stack: StackAddress): Promise<readonly ResourceView[]>;
  /** Newest first, at most `limit`. */
  history(stack: StackAddress, limit: number): Promise<readonly HistoryEntry[]>;
}

/** A resource of a checkpoint, without its properties. */
export interface ResourceView {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN. */
  readonly parent?: string;
  readonly id?: string;
  /** Provider reference `urn::id`; absent for components. */
  readonly provider?: string;
  readonly protect: boolean;
  readonly external: boolean;
  /** True when it stands in for something that couldn't be had. */
  readonly standIn?: boolean;
}

/** One past update of a stack. Times are ISO 8601 in UTC. */
export interface HistoryEntry {
  readonly kind: OperationKind | "import" | "rename" | "other";
  readonly result: "succeeded" | "failed" | "in-progress" | "not-started";
  readonly startTime: string;
  readonly endTime?: string;
  readonly changes: StepCounts;
}
