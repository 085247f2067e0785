import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import { equalValues, type PropertyValue } from "#core/property-value.ts";
import { parsePropertyPath } from "#engine/values/property-path.ts";

/** Changed top-level properties in short: `+added-removed~changed`; "" when nothing differs. Mirrors pulumi/pulumi:pkg/backend/display/rows.go `getDiffInfo` (v3.259.0). */
export function shortDiff(step: StepEventMetadata): string {
  const { old, new: now } = step;
  if (!old || !now) return "";
  const changed =
    step.op === "same" ? new Map<string, Mark>() : step.detailedDiff ? fromDetailedDiff(step.detailedDiff) : fromInputs(old.inputs ?? {}, now.inputs ?? {});
  if ((old.provider ?? "") !== (now.provider ?? "")) changed.set("provider", "~");
  if (Boolean(old.protect) !== Boolean(now.protect)) changed.set("protect", "~");
  const include = new Set<string>(step.diffs ?? []);
  const keys = (mark: Mark) =>
    [...changed]
      .filter(([key, m]) => m === mark && (include.size === 0 || include.has(key)))
      .map(([key]) => key)
      .sort();
  return (["+", "-", "~"] as const).map((mark) => (keys(mark).length ? mark + keys(mark).join(",") : "")).join("");
}

type Mark = "+" | "-" | "~";

function fromDetailedDiff(diff: NonNullable<StepEventMetadata["detailedDiff"]>): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const [path, { diffKind }] of Object.entries(diff)) {
    const [key, ...rest] = parsePropertyPath(path);
    const kind = String(diffKind);
    const mark = rest.length ? "~" : kind.startsWith("add") ? "+" : kind.startsWith("delete") ? "-" : "~";
    if (key !== undefined && marks.get(String(key)) !== "~") marks.set(String(key), mark);
  }
  return marks;
}

function fromInputs(before: Record<string, unknown>, after: Record<string, unknown>): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (key.startsWith("__")) continue;
    if (!Object.hasOwn(before, key)) marks.set(key, "+");
    else if (!Object.hasOwn(after, key)) marks.set(key, "-");
    else if (!equalValues(before[key] as PropertyValue, after[key] as PropertyValue)) marks.set(key, "~");
  }
  return marks;
}
