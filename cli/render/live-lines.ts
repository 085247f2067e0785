import sliceAnsi from "slice-ansi";
import stringWidth from "string-width";
import { cleanText, formatCounts, formatSeconds, stepWords } from "#cli/render/format.ts";
import type { Paint } from "#cli/render/paint.ts";
import type { LayerView, OperationView, StepView } from "#cli/view/operation-view.ts";
import type { OperationKind } from "#core/operation.ts";

export interface LiveOptions {
  readonly kind: OperationKind;
  /** First line, e.g. `up local-lab/lab (etl-minimal)`. */
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  /** Shown below the tree, e.g. what Ctrl-C does. */
  readonly notice?: string;
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const spinnerMillis = 100;
const stepsPerLayer = 6;

/** The live tree: one block per layer with what it is doing. Never wider or higher than the terminal: running steps give way first. */
export function liveLines(view: OperationView, options: LiveOptions): string[] {
  const { paint, now, rows, columns } = options;
  const elapsed = view.startedAt === undefined ? "" : `  ${paint.dim(formatSeconds((now - view.startedAt) / 1000))}`;
  const head = [`${paint.bold(options.title)}${elapsed}`, ...stageLines(view, paint)];
  const foot = options.notice ? [paint.dim(options.notice)] : [];
  const nameWidth = Math.max(0, ...view.layers.map((layer) => layer.layer.length));
  let left = Math.max(0, rows - 1 - head.length - foot.length - view.layers.length);
  const body: string[] = [];
  for (const layer of view.layers) {
    body.push(layerLine(layer, nameWidth, options));
    const steps = stepLines(layer, Math.min(left, stepsPerLayer), options);
    left -= steps.length;
    body.push(...steps);
  }
  return [...head, ...body, ...foot].slice(0, Math.max(1, rows - 1)).map((line) => fitLine(line, columns - 1));
}

/** Cuts a line, which may be coloured, to a number of columns. */
function fitLine(line: string, columns: number): string {
  if (columns < 2 || stringWidth(line) <= columns) return line;
  return `${sliceAnsi(line, 0, columns - 1)}…`;
}

function stageLines(view: OperationView, paint: Paint): string[] {
  const working = view.layers.length === 0;
  return view.stages
    .filter((stage, i) => stage.stage !== "queue" || (working && i === view.stages.length - 1))
    .map(({ stage, message, done, total }) => {
      const count = done !== undefined && total !== undefined ? ` (${done}/${total})` : "";
      return `  ${paint.dim(stage.padEnd(8))} ${cleanText(message).replaceAll("\n", " ")}${count}`;
    });
}

function layerLine(layer: LayerView, nameWidth: number, { kind, paint, now }: LiveOptions): string {
  const name = layer.layer.padEnd(nameWidth);
  const seconds = layer.result?.seconds ?? (now - layer.startedAt) / 1000;
  const counts = formatCounts(layer.changes, kind === "preview" ? "todo" : "done");
  const failed = layer.failed.length ? `, ${layer.failed.length} failed` : "";
  const time = paint.dim(formatSeconds(seconds));
  switch (layer.state) {
    case "running": {
      const nothingYet = Object.keys(layer.changes).length === 0 && !failed;
      const frame = spinner[Math.floor(now / spinnerMillis) % spinner.length];
      return `${paint.accent(frame ?? "")} ${paint.bold(name)}  ${nothingYet ? "starting" : counts + paint.bad(failed)}  ${time}`;
    }
    case "succeeded":
      return `${paint.good("✔")} ${paint.bold(name)}  ${counts}  ${time}`;
    case "failed":
      return `${paint.bad("✘")} ${paint.bold(name)}  ${counts}${paint.bad(failed || ", failed")}  ${time}`;
    case "cancelled":
      return `${paint.warn("■")} ${paint.bold(name)}  ${counts}, ${paint.warn("cancelled")}  ${time}`;
    case "skipped":
      return `${paint.dim("↷")} ${paint.bold(name)}  ${paint.dim(`left out${layer.result?.problem ? `: ${oneLine(layer.result.problem.detail)}` : ""}`)}`;
  }
}

function stepLines(layer: LayerView, room: number, { paint, now }: LiveOptions): string[] {
  const failures = layer.failed.map((step) => `    ${paint.bad("✘")} ${stepName(step)}  ${paint.bad(`${stepWords[step.op].doing} failed`)}`);
  const running = layer.running.map(
    (step) => `    ${stepWords[step.op].sign} ${stepName(step)}  ${paint.dim(`${stepWords[step.op].doing} ${formatSeconds((now - step.startedAt) / 1000)}`)}`,
  );
  const lines = [...failures, ...running];
  if (lines.length <= room) return lines;
  if (room <= 0) return [];
  return [...lines.slice(0, room - 1), paint.dim(`    … ${lines.length - room + 1} more`)];
}

/** `kubernetes:apps/v1:Deployment argocd/server`. */
export function stepName(step: Pick<StepView, "resourceType" | "name">): string {
  return `${step.resourceType} ${cleanText(step.name)}`;
}

function oneLine(text: string): string {
  return cleanText(text)
    .trim()
    .replaceAll(/\s*\n\s*/g, " · ");
}
