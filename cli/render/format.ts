import { stripVTControlCharacters } from "node:util";
import type { StepCounts, StepOp } from "#core/operation.ts";

/** How a step is written: the sign before a resource, and the word for it to come, under way and done. */
export const stepWords: Readonly<Record<StepOp, { sign: string; todo: string; doing: string; done: string }>> = {
  create: { sign: "+", todo: "to create", doing: "creating", done: "created" },
  update: { sign: "~", todo: "to update", doing: "updating", done: "updated" },
  replace: { sign: "±", todo: "to replace", doing: "replacing", done: "replaced" },
  "create-replacement": { sign: "+", todo: "to create as replacement", doing: "creating replacement", done: "replacement created" },
  "delete-replaced": { sign: "-", todo: "to delete after replacement", doing: "deleting replaced", done: "replaced one deleted" },
  delete: { sign: "-", todo: "to delete", doing: "deleting", done: "deleted" },
  refresh: { sign: "~", todo: "to refresh", doing: "refreshing", done: "refreshed" },
  read: { sign: ">", todo: "to read", doing: "reading", done: "read" },
  "read-replacement": { sign: ">", todo: "to read as replacement", doing: "reading replacement", done: "replacement read" },
  import: { sign: "=", todo: "to import", doing: "importing", done: "imported" },
  "import-replacement": { sign: "=", todo: "to import as replacement", doing: "importing replacement", done: "replacement imported" },
  discard: { sign: "<", todo: "to discard", doing: "discarding", done: "discarded" },
  "discard-replaced": { sign: "<", todo: "to discard after replacement", doing: "discarding replaced", done: "replaced one discarded" },
  "remove-pending-replace": { sign: "-", todo: "to forget", doing: "forgetting", done: "forgotten" },
  same: { sign: " ", todo: "unchanged", doing: "checking", done: "unchanged" },
};

/** Halves of a replacement: the step `replace` stands for all of them in counts. */
export const replacementParts: ReadonlySet<StepOp> = new Set([
  "create-replacement",
  "delete-replaced",
  "read-replacement",
  "import-replacement",
  "discard-replaced",
  "remove-pending-replace",
]);

/** `4 created, 1 updated, 12 unchanged`; `no resources` when empty. */
export function formatCounts(counts: StepCounts, tense: "todo" | "done"): string {
  const parts = (Object.keys(stepWords) as StepOp[])
    .filter((op) => !replacementParts.has(op) && (counts[op] ?? 0) > 0)
    .map((op) => `${counts[op]} ${stepWords[op][tense]}`);
  return parts.length ? parts.join(", ") : "no resources";
}

/** Whether the counts hold anything but unchanged and read resources. */
export function hasChanges(counts: StepCounts): boolean {
  return (Object.entries(counts) as [StepOp, number][]).some(([op, n]) => n > 0 && op !== "same" && op !== "read" && op !== "refresh");
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `1 h 02 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, seconds);
  if (whole < 9.95) return `${whole.toFixed(1)} s`;
  const rounded = Math.round(whole);
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return `${minutes} min ${String(rounded % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** CPU as Kubernetes writes it: `250m`, `1.5`. */
export function formatCpu(millis: number): string {
  return millis % 1000 === 0 || millis >= 1000 ? String(Math.round(millis / 100) / 10) : `${millis}m`;
}

/** `2026-11-21 07:52:02` in UTC, for lists; the text itself where it isn't a time. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toISOString().slice(0, 19).replace("T", " ");
}

/** Text that came over the wire, safe for a terminal: no escape sequences, no control characters but line breaks; tabs become spaces. */
export function cleanText(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll("\t", "  ")
    .replace(/(?!\n)\p{Cc}/gu, "");
}
