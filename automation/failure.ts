import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { withoutColourTags } from "#automation/engine-events.ts";
import type { StepCounts } from "#core/operation.ts";
import { parseUrn, rootStackType } from "#core/urn.ts";

/** Gathers from the engine's events why an action failed and what it did before that. */
export class FailureCollector {
  /** Steps that were done, from the summary. */
  changes: StepCounts = {};
  private readonly errors: string[] = [];

  observe(event: EngineEvent): void {
    if (event.summaryEvent) this.changes = (event.summaryEvent.resourceChanges ?? {}) as StepCounts;
    if (event.diagnosticEvent?.severity !== "error") return;
    const text = withoutColourTags(event.diagnosticEvent.message).trim();
    if (!text || /^(?:update|preview|refresh|destroy) failed$/.test(text)) return;
    const urn = event.diagnosticEvent.urn ? parseUrn(event.diagnosticEvent.urn) : undefined;
    this.errors.push(urn && urn.type !== rootStackType ? `${urn.type} '${urn.name}': ${text}` : text);
  }

  /** What went wrong, a paragraph for each cause; "" when no error was reported. */
  summary(): string {
    return [...new Set(this.errors)].join("\n\n");
  }
}
