import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import type { StackActionEvent } from "#automation/stack-action.ts";
import type { LayerId } from "#core/ids.ts";
import type { Severity, StepOp } from "#core/operation.ts";
import { parseUrn, rootStackType } from "#core/urn.ts";

/** Translates one engine event into ours; `undefined` for those that nobody needs to see. The only place that knows the engine's event shapes. */
export function translateEvent(layer: LayerId, event: EngineEvent): StackActionEvent | undefined {
  if (event.resourcePreEvent) return resourceEvent(layer, "started", event.resourcePreEvent.metadata);
  if (event.resOutputsEvent) return resourceEvent(layer, "done", event.resOutputsEvent.metadata);
  if (event.resOpFailedEvent) return resourceEvent(layer, "failed", event.resOpFailedEvent.metadata);
  if (event.diagnosticEvent) {
    const { message, urn, ephemeral } = event.diagnosticEvent;
    const severity: string = event.diagnosticEvent.severity;
    const text = withoutColourTags(message).trim();
    if (!text || severity === "debug") return undefined;
    return { type: "diagnostic", layer, severity: severityOf(severity), message: text, ...(urn ? { urn } : {}), ...(ephemeral ? { ephemeral } : {}) };
  }
  return undefined;
}

/** Removes the engine's `<{%fg 1%}>` colour tags. */
export function withoutColourTags(message: string): string {
  return message.replace(/<\{%[^%]*%\}>/g, "");
}

function resourceEvent(layer: LayerId, phase: "started" | "done" | "failed", metadata: StepEventMetadata): StackActionEvent | undefined {
  if (isInternal(metadata)) return undefined;
  const { name } = parseUrn(metadata.urn);
  const state = metadata.new ?? metadata.old;
  const diff = metadata.detailedDiff ? Object.fromEntries(Object.entries(metadata.detailedDiff).map(([path, d]) => [path, d.diffKind])) : undefined;
  return {
    type: "resource",
    layer,
    phase,
    op: metadata.op as StepOp,
    urn: metadata.urn,
    resourceType: metadata.type,
    name,
    ...(state?.parent ? { parent: state.parent } : {}),
    ...(diff && Object.keys(diff).length ? { diff: diff as never } : {}),
    ...(isStandIn(state?.inputs) ? { standIn: true } : {}),
  };
}

/** Default providers and the root stack are the engine's own business. */
function isInternal(metadata: StepEventMetadata): boolean {
  return metadata.type === rootStackType || (metadata.type.startsWith("pulumi:providers:") && parseUrn(metadata.urn).name.startsWith("default"));
}

/** Whether a resource says by its labels or annotations that it stands in for something that couldn't be had. */
export function isStandIn(inputs: Readonly<Record<string, unknown>> | undefined): boolean {
  const metadata = inputs?.metadata as { labels?: Record<string, unknown>; annotations?: Record<string, unknown> } | undefined;
  return metadata?.labels?.["strata.dev/stand-in"] === "true" || metadata?.annotations?.["strata.dev/stand-in"] === "true";
}

function severityOf(severity: string): Severity {
  return severity === "error" || severity === "warning" ? severity : "info";
}
