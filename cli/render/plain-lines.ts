import type { OperationKind, RecordedEvent } from "#core/operation.ts";
import { cleanText, formatCounts, formatSeconds, stepWords } from "#cli/render/format.ts";
import { stepName } from "#cli/render/live-lines.ts";
import type { Paint } from "#cli/render/paint.ts";

export interface PlainOptions {
  readonly kind: OperationKind;
  readonly paint: Paint;
  /** Also info messages and unchanged resources. @default false */
  readonly verbose?: boolean;
}

/** The lines that one event is worth in a log: each begins with what it is about. Empty for events that only matter on a live display. */
export function plainLines(event: RecordedEvent, options: PlainOptions): string[] {
  const { paint } = options;
  switch (event.type) {
    case "state":
      return [`operation ${event.state}`];
    case "progress": {
      const count = event.done !== undefined && event.total !== undefined ? ` (${event.done}/${event.total})` : "";
      return prefixed(event.stage, event.message + count);
    }
    case "layer-started":
      return [`[${event.layer}] started`];
    case "resource":
      return resourceLines(event, options);
    case "diagnostic": {
      if (event.ephemeral || event.severity === "debug" || (event.severity === "info" && !options.verbose)) return [];
      const paintSeverity = event.severity === "error" ? paint.bad : event.severity === "warning" ? paint.warn : paint.dim;
      return prefixed(event.layer ? `[${event.layer}]` : "", event.message, `${paintSeverity(event.severity)}: `);
    }
    case "layer-finished": {
      const { state, seconds, changes, problem } = event.result;
      const paintState = state === "succeeded" ? paint.good : state === "failed" ? paint.bad : paint.warn;
      const counts = state === "skipped" ? "" : `: ${formatCounts(changes, options.kind === "preview" ? "todo" : "done")}`;
      const head = `[${event.layer}] ${paintState(state)}${state === "skipped" ? "" : ` in ${formatSeconds(seconds)}`}${counts}`;
      return [head, ...(problem ? prefixed(`[${event.layer}]`, `${problem.title}: ${problem.detail}`) : [])];
    }
    case "finished":
      return [];
  }
}

function resourceLines(event: Extract<RecordedEvent, { type: "resource" }>, { kind, paint, verbose }: PlainOptions): string[] {
  const words = stepWords[event.op];
  const what = `[${event.layer}] ${words.sign} ${stepName(event)}`;
  const standIn = event.standIn ? paint.warn(" (stand-in)") : "";
  if (event.phase === "failed") return [`${what} ${paint.bad(`${words.doing} failed`)}${standIn}`];
  if (event.phase === "started" || (event.op === "same" && !verbose)) return [];
  return [`${what} ${kind === "preview" ? words.todo : words.done}${formatDiff(event.diff)}${standIn}`];
}

/** ` [~spec, +data]`, properties that force a replacement with `!`. */
export function formatDiff(diff: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(diff ?? {});
  if (!entries.length) return "";
  const sign = (change: string) => (change.startsWith("add") ? "+" : change.startsWith("delete") ? "-" : "~");
  return ` [${entries.map(([property, change]) => `${sign(change)}${cleanText(property)}${change.endsWith("-replace") ? "!" : ""}`).join(", ")}]`;
}

function prefixed(prefix: string, message: string, lead = ""): string[] {
  const [first = "", ...rest] = cleanText(message).trimEnd().split("\n");
  const start = prefix ? `${prefix} ` : "";
  return [`${start}${lead}${first}`, ...rest.map((line) => `${start}  ${line}`)];
}
