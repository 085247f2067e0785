import { Type } from "typebox";
import { type LayerResult, type OperationResult, operationKinds, operationStates, type RecordedEvent, type StepCounts } from "#core/operation.ts";
import { conflictChoices, type OperationRecord } from "#core/operation-record.ts";
import { choice, limit, name, openObject, page, time } from "#server/schemas/common.ts";

/** What an operation or a schedule's action asks for. */
export const requestFields = {
  kind: choice(operationKinds),
  scenario: Type.Optional(name("a scenario; the environment's own when absent")),
  layers: Type.Optional(
    Type.Array(name("a layer"), { minItems: 1, maxItems: 100, uniqueItems: true, description: "Only these layers; all of the scenario's when absent" }),
  ),
  targets: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 2000 }), { minItems: 1, maxItems: 1000, description: "Only these resources (URNs or globs)" }),
  ),
  reason: Type.Optional(Type.String({ maxLength: 500, description: "Kept with the operation" })),
  force: Type.Optional(Type.Boolean({ description: "`up` beyond the memory budget; false unless given" })),
};

export const operationBody = Type.Object(
  { ...requestFields, onConflict: Type.Optional(choice(conflictChoices, "What to do when the environment is busy; `queue` unless given")) },
  { additionalProperties: false },
);

const layerResult = openObject<LayerResult>("How a layer ended: layer, stack, state, changes, seconds, outputs, problem, standIns");

/** Registered once under its `$id`; elsewhere {@link operation} refers to it. */
export const operationSchema = Type.Object(
  {
    id: Type.String(),
    system: Type.String(),
    environment: Type.String(),
    ...requestFields,
    scenario: Type.String(),
    state: choice(operationStates),
    requester: Type.String({ description: "`api`, or `schedule:<id>`" }),
    submittedAt: time,
    startedAt: Type.Optional(time),
    finishedAt: Type.Optional(time),
    cancelRequestedAt: Type.Optional(time),
    layerResults: Type.Array(layerResult, { description: "Layers that are over, in the order they ended" }),
    result: Type.Optional(
      openObject<OperationResult>("Present when the operation is over: state, changes, layers, capacity, simulated, unproven, access, engine, problem"),
    ),
    lastSequence: Type.Integer({ description: "Sequence of the last event" }),
  },
  { $id: "Operation" },
);

export const operation = Type.Unsafe<OperationRecord>({ $ref: "Operation#" });

export const operationPage = page<OperationRecord>(operation);
export const operationId = Type.Object({ id: Type.String({ description: "Id of an operation" }) });

export const operationQuery = Type.Object(
  {
    system: Type.Optional(Type.String()),
    environment: Type.Optional(Type.String()),
    state: Type.Optional(Type.Array(choice(operationStates), { description: "One or several, separated by commas" })),
    kind: Type.Optional(Type.Array(choice(operationKinds), { description: "One or several, separated by commas" })),
    schedule: Type.Optional(Type.String({ description: "Id of the schedule that asked" })),
    limit: limit(500, 50),
    cursor: Type.Optional(Type.String({ pattern: "^op-[0-9a-z]+-[0-9a-f]+$", description: "the value of `next` of the part before" })),
  },
  { additionalProperties: false },
);

export const recordedEvent = Type.Unsafe<RecordedEvent>({
  type: "object",
  required: ["operation", "sequence", "time", "type"],
  properties: {
    operation: { type: "string" },
    sequence: { type: "integer", minimum: 1 },
    time,
    type: { type: "string", enum: ["state", "progress", "layer-started", "resource", "diagnostic", "layer-finished", "finished"] },
  },
  additionalProperties: true,
  description: "What happened; `type` says which further members there are",
});

export interface EventPage {
  readonly items: readonly RecordedEvent[];
  readonly next?: number;
}

export const eventPage = Type.Unsafe<EventPage>(
  Type.Object({
    items: Type.Array(recordedEvent),
    next: Type.Optional(Type.Integer({ description: "Value of `after` for the events that follow; absent when there were none" })),
  }),
);

export const eventQuery = Type.Object(
  { after: Type.Optional(Type.Integer({ minimum: 0, description: "Only events after this sequence" })), limit: limit(5000, 500) },
  { additionalProperties: false },
);

export const stepCounts = openObject<StepCounts>("How many steps of each kind");
