import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import type { Clock } from "#core/clock.ts";
import { isUrn, parseUrn, rootStackType } from "#core/urn.ts";
import type { JsonObject } from "#core/wire-value.ts";
import type { EngineEventBody } from "#engine/deploy/deployment.ts";
import { isUnknown, outputDiffLines, outputLines } from "#engine/display/property-text.ts";
import { shortDiff } from "#engine/display/short-diff.ts";
import { typeDisplayName, wordsFor } from "#engine/display/step-words.ts";
import { summaryText } from "#engine/display/summary-text.ts";

export interface DisplayOptions {
  /** `Updating`, `Previewing update` … */
  readonly heading: string;
  /** As shown behind the heading. */
  readonly stack: string;
  /** URN that the stack's root has or will have. */
  readonly rootUrn: string;
  readonly preview: boolean;
  readonly showOutputs: boolean;
  readonly showSames: boolean;
  readonly debug: boolean;
  readonly clock: Clock;
  readonly write: (text: string) => void;
}

/** The SDK's type leaves out `debug`, which occurs nevertheless. */
type Diagnostic = Omit<NonNullable<EngineEventBody["diagnosticEvent"]>, "severity"> & { readonly severity: string };

/** What is known of one resource. */
interface Row {
  readonly urn: string;
  step: StepEventMetadata | undefined;
  readonly finishedOps: Set<string>;
  /** The step that says why a resource is replaced. */
  replacement: StepEventMetadata | undefined;
  readonly diagnostics: Diagnostic[];
  failed: boolean;
  hidden: boolean;
  started: number | undefined;
  ended: number | undefined;
}

/**
 * What people see of an operation where there is no terminal: a line whenever something begins or ends, then diagnostics, outputs and a summary. Mirrors
 * pulumi/pulumi:pkg/backend/display/{progress,rows,jsonmessage}.go (v3.259.0) without colours and progress dots.
 */
export class ProgressDisplay {
  readonly #options: DisplayOptions;
  readonly #rows = new Map<string, Row>();
  #summary: EngineEventBody["summaryEvent"];
  #sawRoot = false;
  #done = false;
  #last = "";

  constructor(options: DisplayOptions) {
    this.#options = options;
    options.write(`${options.heading} (${options.stack}):\n`);
  }

  show(event: EngineEventBody): void {
    if (event.preludeEvent) this.#options.write("\n");
    else if (event.summaryEvent) this.#summary = event.summaryEvent;
    else if (event.stdoutEvent) this.#line(plain(event.stdoutEvent.message).trimEnd());
    else if (event.diagnosticEvent) this.#diagnose(event.diagnosticEvent);
    else if (event.resourcePreEvent) this.#began(event.resourcePreEvent.metadata);
    else if (event.resOutputsEvent) this.#ended(event.resOutputsEvent.metadata);
    else if (event.resOpFailedEvent) this.#failed(event.resOpFailedEvent.metadata);
    else if (event.cancelEvent) this.#finish();
  }

  #began(step: StepEventMetadata): void {
    if (isInternal(step) || this.#isQuiet(step)) return;
    const row = this.#rowOf(step.urn, step);
    row.step = step;
    row.started = this.#options.clock.now().getTime();
    row.ended = undefined;
    this.#reveal(row, step);
    this.#print(row);
  }

  #ended(step: StepEventMetadata): void {
    if (isInternal(step) || this.#isQuiet(step)) return;
    const row = this.#rowOf(step.urn, step);
    const wasRefresh = row.step?.op === "refresh";
    row.step = step;
    row.finishedOps.add(step.op);
    if (step.op === "replace") row.replacement = step;
    row.ended = this.#options.clock.now().getTime();
    this.#reveal(row, step);
    const state = step.new ?? step.old;
    if (wasRefresh || (!this.#options.preview && (!state || (state.custom === true && step.op !== "same")))) this.#print(row);
  }

  #failed(step: StepEventMetadata): void {
    const row = this.#rowOf(step.urn, step);
    row.failed = true;
    row.hidden = false;
    this.#print(row);
  }

  #diagnose(diagnostic: Diagnostic): void {
    if (diagnostic.severity === "debug" && !this.#options.debug) return;
    if (diagnosticText(diagnostic) === "") return;
    const row = this.#rowOf(diagnostic.urn || this.#options.rootUrn, undefined);
    row.diagnostics.push(diagnostic);
    row.hidden = false;
    this.#print(row);
  }

  /** Reads are an underlying detail and only mentioned in passing. */
  #isQuiet(step: StepEventMetadata): boolean {
    return ["read", "discard", "read-replacement"].includes(step.op);
  }

  #rowOf(urn: string, step: StepEventMetadata | undefined): Row {
    let row = this.#rows.get(urn);
    if (!row) {
      row = { urn, step, finishedOps: new Set(), replacement: undefined, diagnostics: [], failed: false, hidden: true, started: undefined, ended: undefined };
      this.#rows.set(urn, row);
    }
    return row;
  }

  /** Unchanged resources stay hidden, but for the root once it is known. */
  #reveal(row: Row, step: StepEventMetadata): void {
    const isRoot = row.urn === this.#options.rootUrn;
    const protectChanged = step.op === "same" && Boolean(step.old?.protect) !== Boolean(step.new?.protect);
    if (step.op !== "same" || this.#options.showSames || protectChanged || (isRoot && this.#sawRoot)) row.hidden = false;
    if (isRoot) this.#sawRoot = true;
  }

  #print(row: Row): void {
    if (row.hidden) return;
    const { type, name } = namesOf(row.urn);
    const op = row.step?.op ?? "same";
    this.#line(` ${[wordsFor(op).mark, typeDisplayName(type), name, this.#status(row, op), this.#info(row)].join(" ")}`);
  }

  #line(text: string): void {
    if (text === this.#last) return;
    this.#last = text;
    this.#options.write(`${text}\n`);
  }

  #isDone(row: Row): boolean {
    if (row.failed || this.#done) return true;
    return row.urn !== this.#options.rootUrn && row.finishedOps.has(row.step?.op ?? "");
  }

  #status(row: Row, op: string): string {
    const words = wordsFor(op);
    const failed = row.failed || row.diagnostics.some(isError);
    if (!this.#isDone(row)) {
      if (row.urn === this.#options.rootUrn && row.step?.op === "same") return "running";
      if (this.#options.preview) return words.preview;
      return words.doing && row.started !== undefined ? `${words.doing} (${Math.floor(this.#since(row.started))}s)` : words.doing;
    }
    if (this.#options.preview) return words.previewDone;
    if (failed) return `**${op === "same" ? "failed" : `${words.doing} failed`}**`;
    if (op === "same" || row.started === undefined || row.ended === undefined) return words.done;
    const seconds = (row.ended - row.started) / 1000;
    return `${words.done} (${seconds < 1 ? seconds.toFixed(2) : Math.floor(seconds)}s)`;
  }

  #since(start: number): number {
    return (this.#options.clock.now().getTime() - start) / 1000;
  }

  /** What differs, and the last thing that was said about the resource; at the end how much was said. */
  #info(row: Row): string {
    const parts: string[] = [];
    const isReplacement = row.step?.op === "create-replacement" || row.step?.op === "delete-replaced";
    const step = isReplacement ? (row.replacement ?? row.step) : row.step;
    const difference = step && shortDiff(step);
    if (difference) parts.push(`[diff: ${difference}]`);
    if (this.#done) parts.push(...diagnosticCounts(row.diagnostics));
    else if (row.diagnostics.length) parts.push(diagnosticText(row.diagnostics.at(-1)!).split("\n")[0]!);
    return parts.join("; ");
  }

  #finish(): void {
    const unfinished = [...this.#rows.values()].filter((row) => !this.#isDone(row));
    this.#done = true;
    for (const row of unfinished) this.#print(row);
    this.#printDiagnostics();
    if (this.#options.showOutputs) this.#printOutputs();
    if (!this.#summary) return;
    const errored = [...this.#rows.values()].filter((row) => row.diagnostics.some(isError)).length;
    this.#options.write(
      summaryText({
        changes: this.#summary.resourceChanges as Record<string, number>,
        preview: this.#options.preview,
        errored,
        seconds: this.#summary.durationSeconds,
      }),
    );
  }

  #printDiagnostics(): void {
    let headed = false;
    for (const row of this.#rows.values()) {
      const lasting = row.diagnostics.filter((diagnostic) => !diagnostic.ephemeral);
      if (!lasting.length) continue;
      if (!headed) this.#options.write("Diagnostics:\n");
      headed = true;
      const { type, name } = namesOf(row.urn);
      this.#options.write(`  ${typeDisplayName(type)} (${name}):\n`);
      for (const text of mergedByStream(lasting)) this.#options.write(`${indented(text)}\n`);
    }
  }

  #printOutputs(): void {
    const root = this.#rows.get(this.#options.rootUrn)?.step;
    if (!root?.new) return;
    const before = root.old?.outputs as JsonObject | undefined;
    const given = (root.new.outputs ?? {}) as JsonObject;
    // A run that failed keeps the outputs that it didn't come to.
    const after = (this.#summary as { result?: string } | undefined)?.result === "succeeded" ? given : { ...before, ...given };
    const lines = before ? outputDiffLines(before, this.#options.preview ? settled(after, before) : after, !this.#options.preview, 1) : outputLines(after, 1);
    if (lines.length) this.#options.write(`Outputs:\n${lines.map((line) => `${line}\n`).join("")}\n`);
  }
}

/** Outputs of a preview; what isn't known yet is shown as it was. */
function settled(after: JsonObject, before: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(after).flatMap(([key, value]) => (isUnknown(value) ? (key in before ? [[key, before[key]!]] : []) : [[key, value]])),
  );
}

/** Default providers are the engine's own affair. */
function isInternal(step: StepEventMetadata): boolean {
  return step.op === "remove-pending-replace" || (step.type.startsWith("pulumi:providers:") && namesOf(step.urn).name.startsWith("default"));
}

function namesOf(urn: string): { type: string; name: string } {
  return isUrn(urn) ? parseUrn(urn) : { type: rootStackType, name: urn };
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === "error" && !diagnostic.ephemeral;
}

function diagnosticText(diagnostic: Diagnostic): string {
  return plain((diagnostic.prefix ?? "") + diagnostic.message).trimEnd();
}

function diagnosticCounts(diagnostics: readonly Diagnostic[]): string[] {
  const lasting = diagnostics.filter((diagnostic) => !diagnostic.ephemeral);
  const counted = (test: (diagnostic: Diagnostic) => boolean, word: string) => {
    const count = lasting.filter(test).length;
    return count ? [`${count} ${word}${count === 1 ? "" : "s"}`] : [];
  };
  return [
    ...counted((d) => d.severity === "error", "error"),
    ...counted((d) => d.severity === "warning", "warning"),
    ...counted((d) => d.severity === "info" || d.severity === "info#err", "message"),
    ...counted((d) => d.severity === "debug", "debug"),
  ];
}

/** One text per diagnostic; what came over one of the program's streams is one text as a whole. */
function mergedByStream(diagnostics: readonly Diagnostic[]): string[] {
  const streams = new Map<number, string>();
  const texts: string[] = [];
  for (const diagnostic of diagnostics) {
    if (diagnostic.streamID) streams.set(diagnostic.streamID, (streams.get(diagnostic.streamID) ?? "") + plain(diagnostic.message));
    else texts.push(diagnosticText(diagnostic));
  }
  return [...texts, ...[...streams.values()].map((text) => text.trimEnd())].filter((text) => text !== "");
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line.trimEnd()}\n`)
    .join("");
}

/** A text without colour tags and terminal codes. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal codes begin with one
  return text.replace(/<\{%.*?%\}>|\u001b\[[0-9;]*m/g, "");
}
