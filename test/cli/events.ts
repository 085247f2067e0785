import type { LayerId, OperationId, StackName } from "#core/ids.ts";
import type { LayerResult, OperationEvent, OperationResult, RecordedEvent, StepOp } from "#core/operation.ts";

const start = Date.parse("2026-11-21T08:00:00Z");

/** Numbers events and lets a second pass between each two. */
export function recorded(...events: readonly OperationEvent[]): RecordedEvent[] {
  return events.map((event, i) => ({
    operation: "op-0mi8k2a10-1234abcd" as OperationId,
    sequence: i + 1,
    time: new Date(start + i * 1000).toISOString(),
    ...event,
  }));
}

export function layerStarted(layer: string): OperationEvent {
  return { type: "layer-started", layer: layer as LayerId, stack: `local-lab.lab.${layer}` as StackName };
}

export function step(layer: string, phase: "started" | "done" | "failed", op: StepOp, name: string, more: object = {}): OperationEvent {
  const resourceType = "kubernetes:core/v1:ConfigMap";
  return {
    type: "resource",
    layer: layer as LayerId,
    phase,
    op,
    urn: `urn:pulumi:local-lab.lab.${layer}::strata::${resourceType}::${name}`,
    resourceType,
    name,
    ...more,
  };
}

export function layerFinished(layer: string, fields: Partial<LayerResult> = {}): OperationEvent {
  return { type: "layer-finished", layer: layer as LayerId, result: layerResult(layer, fields) };
}

export function layerResult(layer: string, fields: Partial<LayerResult> = {}): LayerResult {
  return {
    layer: layer as LayerId,
    stack: `local-lab.lab.${layer}` as StackName,
    state: "succeeded",
    changes: { create: 2 },
    seconds: 3,
    outputs: {},
    standIns: [],
    ...fields,
  };
}

export function finished(fields: Partial<OperationResult> = {}): OperationEvent {
  return { type: "finished", result: operationResult(fields) };
}

export function operationResult(fields: Partial<OperationResult> = {}): OperationResult {
  return {
    state: "succeeded",
    changes: { create: 2 },
    layers: [layerResult("platform_base")],
    simulated: [],
    unproven: [],
    access: [],
    engine: "embedded",
    ...fields,
  };
}
