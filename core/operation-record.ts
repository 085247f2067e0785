/** What the controller keeps and tells about operations, layers and schedules. Times are ISO 8601 in UTC. */

import type { Problem } from "#core/errors.ts";
import type { LayerId, OperationId, ScenarioName, ScheduleId, StackName } from "#core/ids.ts";
import type { LayerResult, OperationKind, OperationRequest, OperationResult, OperationState, StandIn, StepCounts } from "#core/operation.ts";

/** A stored operation. */
export interface OperationRecord extends OperationRequest {
  readonly id: OperationId;
  /** The scenario that was frozen at submission, also when the request named none. */
  readonly scenario: ScenarioName;
  readonly state: OperationState;
  /** Who asked: `api`, or `schedule:<id>`. */
  readonly requester: string;
  readonly submittedAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Since when it is asked to stop. */
  readonly cancelRequestedAt?: string;
  /** Layers that are over, in the order they ended; the same as `result.layers` once there is a result. */
  readonly layerResults: readonly LayerResult[];
  /** Present exactly when the state is final. */
  readonly result?: OperationResult;
  /** Sequence of the last recorded event. */
  readonly lastSequence: number;
}

/** What to do with a request for an environment that is busy: wait in order, or refuse with `operation_running`. */
export const conflictChoices = ["queue", "reject"] as const;
export type ConflictChoice = (typeof conflictChoices)[number];

/** How a layer of an environment was left by the last `up`, `refresh` or `destroy` that touched it. */
export interface LayerStatus {
  readonly layer: LayerId;
  readonly stack: StackName;
  readonly operation: OperationId;
  readonly kind: Exclude<OperationKind, "preview">;
  readonly state: LayerResult["state"];
  readonly changes: StepCounts;
  readonly finishedAt: string;
  readonly standIns: readonly StandIn[];
  readonly problem?: Problem;
}

/** What a schedule asks for each time: an operation request without its environment. */
export type ScheduledAction = Omit<OperationRequest, "system" | "environment">;

/** A stored schedule. */
export interface ScheduleRecord {
  readonly id: ScheduleId;
  readonly system: OperationRequest["system"];
  readonly environment: OperationRequest["environment"];
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly action: ScheduledAction;
  readonly paused: boolean;
  /** The coming times; empty while paused. */
  readonly nextRuns: readonly string[];
  /** What became of the last time it was due. */
  readonly lastRun?: ScheduleRun;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ScheduleRun {
  /** The time it was due. */
  readonly dueAt: string;
  /** `submitted`: see `operation`; `skipped`: the previous one still ran, or the controller was away; `refused`: see `problem`. */
  readonly outcome: "submitted" | "skipped" | "refused";
  readonly operation?: OperationId;
  readonly detail?: string;
  readonly problem?: Problem;
}

/** A part of a longer list. `next` is the cursor of the part that follows, absent at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}
