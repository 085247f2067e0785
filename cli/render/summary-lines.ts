import { cleanText, formatCounts, formatCpu, formatSeconds, hasChanges } from "#cli/render/format.ts";
import type { Paint } from "#cli/render/paint.ts";
import { table } from "#cli/render/table.ts";
import type { Problem } from "#core/errors.ts";
import type { AccessHint, Capacity, LayerResult, OperationKind, OperationResult, StandIn } from "#core/operation.ts";
import { formatBytes } from "#core/quantity.ts";

export interface SummaryOptions {
  readonly kind: OperationKind;
  readonly system: string;
  readonly environment: string;
  readonly scenario?: string;
  readonly operation: string;
  /** Where the layers landed, e.g. `sandbox cluster local-lab-lab`. */
  readonly cluster?: string;
  readonly seconds?: number;
  readonly paint: Paint;
  /** Commands that make sense now, most useful first. */
  readonly next: readonly string[];
}

const verbs: Readonly<Record<OperationKind, string>> = { preview: "Preview", up: "Up", refresh: "Refresh", destroy: "Destroy" };

/** What an operation has done, where things run and how to reach them, what isn't real, and what to type next. */
export function summaryLines(result: OperationResult, options: SummaryOptions): string[] {
  const { kind, paint } = options;
  const running = kind === "up" && result.state === "succeeded";
  const blocks = [
    headline(result, options),
    layerBlock(result.layers, options),
    problemBlock(result, paint),
    kind === "preview" || running ? capacityBlock(result.capacity, options) : [],
    running ? accessBlock(result.access, paint) : [],
    kind === "preview" || running ? realityBlock(result, paint) : [],
    options.next.length ? [paint.bold("Next"), ...options.next.map((command) => `  ${command}`)] : [],
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, i) => (i === 0 ? block : ["", ...block]));
}

function headline(result: OperationResult, { kind, system, environment, scenario, seconds, paint, operation }: SummaryOptions): string[] {
  const outcome = { succeeded: paint.good("succeeded"), failed: paint.bad("failed"), cancelled: paint.warn("was cancelled") }[result.state];
  const time = seconds === undefined ? "" : ` in ${formatSeconds(seconds)}`;
  const nothing = result.state === "succeeded" && !hasChanges(result.changes) ? ": no changes" : `: ${formatCounts(result.changes, tense(kind))}`;
  return [
    `${paint.bold(`${verbs[kind]} of ${system}/${environment}${scenario ? ` (${scenario})` : ""}`)} ${outcome}${time}${nothing}`,
    paint.dim(`operation ${operation}, run by ${result.engine}`),
  ];
}

function layerBlock(layers: readonly LayerResult[], { kind, paint }: SummaryOptions): string[] {
  if (!layers.length) return [];
  const rows = layers.map((layer) => [
    layer.layer,
    layer.state === "succeeded" ? paint.good(layer.state) : layer.state === "failed" ? paint.bad(layer.state) : paint.warn(layer.state),
    layer.state === "skipped" ? "" : formatCounts(layer.changes, tense(kind)),
    layer.state === "skipped" ? "" : formatSeconds(layer.seconds),
  ]);
  return table([{ title: "Layer" }, { title: "State" }, { title: "Changes" }, { title: "Time", align: "right" }], rows, paint.bold);
}

function problemBlock(result: OperationResult, paint: Paint): string[] {
  const failures = result.layers.flatMap((layer) => (layer.problem && layer.state === "failed" ? problemLines(layer.layer, layer.problem, paint) : []));
  return failures.length || !result.problem ? failures : problemLines("operation", result.problem, paint);
}

/** What went wrong in a layer or in the operation as a whole. */
export function problemLines(place: string, problem: Problem, paint: Paint): string[] {
  const [first = "", ...rest] = cleanText(problem.detail).trimEnd().split("\n");
  return [`${paint.bad("error")} in ${paint.bold(place)}: ${problem.title}: ${first} (${problem.code})`, ...rest.map((line) => `  ${line}`)];
}

/** Memory per component and in total against the budget. */
export function capacityBlock(capacity: Capacity | undefined, { cluster, paint }: Pick<SummaryOptions, "cluster" | "paint">): string[] {
  if (!capacity?.components.length) return [];
  const rows = capacity.components.map((c) => [c.component, c.layer, String(c.pods), formatCpu(c.cpuMillis), formatBytes(c.memoryBytes)]);
  const pods = capacity.components.reduce((sum, c) => sum + c.pods, 0);
  const total = ["total", "", String(pods), formatCpu(capacity.cpuMillis), formatBytes(capacity.memoryBytes)];
  const right = (title: string) => ({ title, align: "right" as const });
  return [
    ...table([{ title: "Component" }, { title: "Layer" }, right("Pods"), right("CPU"), right("Memory")], [...rows, total], paint.bold),
    budgetLine(capacity, paint) + (cluster ? `; it runs on ${cluster}` : ""),
  ];
}

function budgetLine({ memoryBytes, budgetMemoryBytes }: Capacity, paint: Paint): string {
  if (budgetMemoryBytes === undefined) return `${formatBytes(memoryBytes)} of memory are requested; the environment has no budget`;
  const share = budgetMemoryBytes > 0 ? ` (${Math.round((memoryBytes / budgetMemoryBytes) * 100)} %)` : "";
  const line = `${formatBytes(memoryBytes)} of the budget of ${formatBytes(budgetMemoryBytes)} are requested${share}`;
  return memoryBytes > budgetMemoryBytes ? paint.bad(line) : line;
}

/** How to reach what runs. */
export function accessBlock(access: readonly AccessHint[], paint: Paint): string[] {
  if (!access.length) return [];
  const rank = { kubeconfig: 0, url: 1, secret: 2, command: 3 };
  const rows = [...access].sort((a, b) => rank[a.kind] - rank[b.kind]).map((hint) => [`  ${cleanText(hint.title)}`, accessValue(hint)]);
  return [paint.bold("How to reach it"), ...table([{ title: "" }, { title: "" }], rows).slice(1)];
}

function accessValue({ kind, value }: AccessHint): string {
  return kind === "kubeconfig" ? `export KUBECONFIG=${quoteForShell(cleanText(value))}` : cleanText(value);
}

/** What is simulated, stands in for something else, or was never proven. */
export function realityBlock(result: OperationResult, paint: Paint): string[] {
  const standIns = result.layers.flatMap((layer) => layer.standIns);
  const lines = [...result.simulated.map((sentence) => `  ${cleanText(sentence)}`), ...standInLines(standIns)];
  if (result.unproven.length) lines.push(`  unproven, its official chart was never rendered with these values: ${result.unproven.join(", ")}`);
  return lines.length ? [paint.warn("Not the real thing"), ...lines] : [];
}

/** One line per reason, naming the components it holds for. */
function standInLines(standIns: readonly StandIn[]): string[] {
  const byReason = Map.groupBy(standIns, (standIn) => standIn.reason);
  return [...byReason].map(([reason, group]) => `  stand-in: ${[...new Set(group.map((s) => s.component))].join(", ")}: ${cleanText(reason)}`);
}

function tense(kind: OperationKind): "todo" | "done" {
  return kind === "preview" ? "todo" : "done";
}

/** The text as one word for a POSIX shell. */
export function quoteForShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
