import { stepWords } from "#engine/display/step-words.ts";

export interface Summary {
  readonly changes: Readonly<Record<string, number>>;
  readonly preview: boolean;
  /** Of resources with an error. */
  readonly errored: number;
  readonly seconds: number;
}

/** The `Resources:` block at the end. Mirrors pulumi/pulumi:pkg/backend/display/diff.go `renderSummaryEvent` (v3.259.0). */
export function summaryText({ changes, preview, errored, seconds }: Summary): string {
  const uncounted = new Set(["same", "read", "discard", "read-replacement"]);
  const kinds = Object.entries(stepWords).filter(([op]) => !uncounted.has(op) && (changes[op] ?? 0) > 0);
  const total = kinds.reduce((sum, [op]) => sum + changes[op]!, 0);
  const lines = kinds.map(([op, words]) => `    ${words.mark}${changes[op]} ${preview ? `to ${op}` : words.counted}`);
  const pieces = [...(kinds.length >= 2 ? [`${total} change${total === 1 ? "" : "s"}`] : []), ...(changes.same ? [`${changes.same} unchanged`] : [])];
  if (pieces.length) lines.push(`    ${pieces.join(". ")}`);
  if (errored) lines.push(`    ${errored} errored`);
  return `Resources:\n${lines.map((line) => `${line}\n`).join("")}${preview ? "" : `\nDuration: ${durationText(seconds)}\n`}\n`;
}

/** Whole seconds as Go prints a duration: `59s`, `1m5s`, `2h0m1s`. */
function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${whole % 60}s`;
}
