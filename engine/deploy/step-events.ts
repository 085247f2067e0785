import type { StepOp } from "#core/operation.ts";
import {
  Archive,
  Asset,
  containsSecrets,
  isPropertyMap,
  mapEntries,
  OutputValue,
  type PropertyMap,
  type PropertyValue,
  Secret,
  unknown,
} from "#core/property-value.ts";
import { type Json, type JsonObject, mapToWire, signatureKey, signatures } from "#core/wire-value.ts";
import type { EngineEventBody } from "#engine/deploy/deployment.ts";
import { type Step, type StepStatus, subjectOf } from "#engine/deploy/step.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

const statusCodes: Readonly<Record<StepStatus, number>> = { ok: 0, partial: 1, unknown: 2 };
const blindSecret: JsonObject = { [signatureKey]: signatures.secret, ciphertext: "[secret]" };

/** The event before a step; secrets are blinded. Mirrors pulumi/pulumi:pkg/engine/events.go and pkg/backend/display/events.go (v3.259.0). */
export function preEvent(step: Step, planning: boolean): EngineEventBody {
  return body({ resourcePreEvent: { metadata: metadata(step, step.op), ...(planning ? { planning } : {}) } });
}

/** The event after a step, or after a component's outputs became known. */
export function outputsEvent(step: Step, op: StepOp, planning: boolean): EngineEventBody {
  return body({ resOutputsEvent: { metadata: metadata(step, op), ...(planning ? { planning } : {}) } });
}

export function failedEvent(step: Step, status: StepStatus, steps: number): EngineEventBody {
  return body({ resOpFailedEvent: { metadata: metadata(step, step.op), status: statusCodes[status], steps } });
}

/** The SDK's types lack what the wire has: nulls, and fields that they don't name. */
function body(event: Record<string, unknown>): EngineEventBody {
  return event as EngineEventBody;
}

function metadata(step: Step, op: StepOp): Record<string, unknown> {
  const subject = subjectOf(step);
  return {
    op,
    urn: step.urn,
    type: subject.type,
    old: stateView(step.old),
    new: stateView(step.new),
    ...(step.keys?.length ? { keys: step.keys } : {}),
    ...(step.diffs?.length ? { diffs: step.diffs } : {}),
    detailedDiff: step.detailedDiff
      ? Object.fromEntries(Object.entries(step.detailedDiff).map(([path, { kind, inputDiff }]) => [path, { diffKind: kind, inputDiff }]))
      : null,
    ...(step.logical ? { logical: true } : {}),
    provider: subject.provider,
  };
}

function stateView(state: ResourceState | undefined): Record<string, unknown> | null {
  if (!state) return null;
  return {
    type: state.type,
    urn: state.urn,
    ...(state.custom ? { custom: true } : {}),
    ...(state.delete ? { delete: true } : {}),
    id: state.id,
    parent: state.parent ?? "",
    ...(state.protect ? { protect: true } : {}),
    ...(state.taint ? { taint: true } : {}),
    ...(state.external ? { external: true } : {}),
    ...(state.retainOnDelete ? { retainOnDelete: true } : {}),
    inputs: blinded(state.inputs),
    outputs: blinded(state.outputs),
    provider: state.provider,
    ...(state.initErrors.length ? { initErrors: state.initErrors } : {}),
    ...(state.hideDiff.length ? { hideDiffs: state.hideDiff } : {}),
  };
}

function blinded(bag: PropertyMap): JsonObject {
  return hideSecrets(mapToWire(mapEntries(bag, elided))) as JsonObject;
}

/** Without the text of assets, which may be long. */
function elided(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) return new Secret("[secret]");
  if (value instanceof OutputValue) return unknown;
  if (value instanceof Asset) return value.kind === "text" ? new Asset("text", "<contents elided>", value.hash) : value;
  if (value instanceof Archive && typeof value.value !== "string")
    return new Archive("assets", Object.fromEntries(Object.entries(value.value).map(([name, entry]) => [name, elided(entry) as Asset | Archive])), value.hash);
  if (Array.isArray(value)) return value.map(elided);
  return isPropertyMap(value) ? mapEntries(value, elided) : value;
}

function hideSecrets(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(hideSecrets);
  if (value[signatureKey] === signatures.secret) return blindSecret;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, hideSecrets(entry)]));
}

/** Text that may hold secrets never reaches an event: the value as people may see it. */
export function showValue(value: PropertyValue | undefined): string {
  if (value === undefined) return "<nil>";
  return containsSecrets(value) ? "[secret]" : typeof value === "string" ? value : JSON.stringify(mapToWire({ value })["value"]);
}
