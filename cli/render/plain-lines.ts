import { cleanText, formatCounts, formatSeconds, stepWords } from "#cli/render/format.ts";
import { stepName } from "#cli/render/live-lines.ts";
import type { Paint } from "#cli/render/paint.ts";
import type { OperationKind, RecordedEvent, StepOp } from "#core/operation.ts";

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

function resourceLines(event: Extract<RecordedEvent, { type: "resource" }>, options: PlainOptions): string[] {
  const { paint, verbose } = options;
  if (event.phase === "failed") return [`${stepStart(event)} ${paint.bad(`${stepWords[event.op].doing} failed`)}`];
  if (event.phase === "started" || (event.op === "same" && !verbose)) return [];
  return [stepLine(event, options)];
}

interface Step {
  readonly layer: string;
  readonly op: StepOp;
  readonly resourceType: string;
  readonly name: string;
  readonly diff?: Readonly<Record<string, string>>;
  readonly standIn?: boolean;
}

/** `[platform_base] ~ kubernetes:core/v1:ConfigMap settings updated [~data]`. */
export function stepLine(step: Step, { kind, paint }: PlainOptions): string {
  const words = stepWords[step.op];
  return `${stepStart(step)} ${kind === "preview" ? words.todo : words.done}${formatDiff(step.diff)}${step.standIn ? paint.warn(" (stand-in)") : ""}`;
}

function stepStart(step: Step): string {
  return `[${step.layer}] ${stepWords[step.op].sign} ${stepName(step)}`;
}

/** ` [~spec, +data]`, properties that force a replacement with `!`. */
function formatDiff(diff: Readonly<Record<string, string>> | undefined): string {
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
