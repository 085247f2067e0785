import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import type { OutputView } from "#core/operation.ts";
import { rootStackType } from "#core/urn.ts";
import { signatureKey, signatures, unknownString } from "#core/wire-value.ts";

/** The stack outputs that an event of the root resource carries, as far as a preview knows them; `undefined` for any other event. */
export function previewedOutputs(event: EngineEvent): Record<string, OutputView> | undefined {
  const metadata = event.resOutputsEvent?.metadata;
  if (metadata?.type !== rootStackType || !metadata.new?.outputs) return undefined;
  return Object.fromEntries(Object.entries(metadata.new.outputs as Record<string, unknown>).map(([name, value]) => [name, view(value)]));
}

function view(value: unknown): OutputView {
  if (holds(value, (v) => v === unknownString)) return { unknown: true };
  if (holds(value, (v) => typeof v === "object" && v !== null && (v as Record<string, unknown>)[signatureKey] === signatures.secret)) return { secret: true };
  return { value };
}

function holds(value: unknown, test: (value: unknown) => boolean): boolean {
  return test(value) || (typeof value === "object" && value !== null && Object.values(value).some((entry) => holds(entry, test)));
}
