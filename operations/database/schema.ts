/** The tables of the controller, as the query builder sees them. JSON is stored as text-preserving `json`: key order and every character survive. */
import type { ColumnType, Generated } from "kysely";
import type { EnvironmentSpec } from "#config/spec.ts";
import type { EnvironmentRecord } from "#config/system-definition.ts";
import type { LayerResult, OperationEvent, OperationKind, OperationRequest, OperationResult, OperationState } from "#core/operation.ts";
import type { LayerStatus, ScheduledAction, ScheduleRun } from "#core/operation-record.ts";

/** Read as a value, written as JSON text. */
type Json<T> = ColumnType<T, string, string>;
type OptionalJson<T> = ColumnType<T | null, string | null | undefined, string | null>;
type Time = ColumnType<Date, Date, Date>;
type OptionalTime = ColumnType<Date | null, Date | null | undefined, Date | null>;

export interface EnvironmentsTable {
  system: string;
  environment: string;
  record: Json<EnvironmentRecord>;
  version: number;
  created_at: Time;
  updated_at: Time;
}

export interface OperationsTable {
  id: string;
  system: string;
  environment: string;
  kind: OperationKind;
  scenario: string;
  state: OperationState;
  request: Json<OperationRequest>;
  spec: Json<EnvironmentSpec>;
  requester: string;
  schedule: string | null;
  idempotency_key: string | null;
  /** Hash of what was asked for, to tell a repeated request from another one with the same key. */
  fingerprint: string;
  job: string;
  /** The instance that runs it, set while it runs. */
  owner: string | null;
  layer_results: Json<readonly LayerResult[]>;
  result: OptionalJson<OperationResult>;
  last_sequence: number;
  submitted_at: Time;
  started_at: OptionalTime;
  finished_at: OptionalTime;
  cancel_requested_at: OptionalTime;
}

export interface OperationEventsTable {
  operation: string;
  sequence: number;
  time: Time;
  event: Json<OperationEvent>;
}

export interface LayerStatusesTable {
  system: string;
  environment: string;
  layer: string;
  status: Json<LayerStatus>;
}

export interface SchedulesTable {
  id: string;
  system: string;
  environment: string;
  cron: string;
  time_zone: string;
  action: Json<ScheduledAction>;
  paused: boolean;
  /** The coming time it is due; null while paused or when there is none. */
  next_run: OptionalTime;
  last_run: OptionalJson<ScheduleRun>;
  created_at: Time;
  updated_at: Time;
}

export interface AuditTable {
  id: Generated<number>;
  time: Time;
  requester: string;
  action: string;
  subject: string;
  detail: Json<object>;
}

export interface Schema {
  environments: EnvironmentsTable;
  operations: OperationsTable;
  operation_events: OperationEventsTable;
  layer_statuses: LayerStatusesTable;
  schedules: SchedulesTable;
  audit: AuditTable;
}
