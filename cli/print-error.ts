import { nextStep } from "#cli/next-step.ts";
import { cleanText } from "#cli/render/format.ts";
import type { Paint } from "#cli/render/paint.ts";
import { typedCommand } from "#cli/typed-command.ts";
import { isStrataError, type Problem, StrataError, toProblem } from "#core/errors.ts";

export interface ErrorStyle {
  readonly paint: Paint;
  readonly json: boolean;
  /** Adds the stack trace. */
  readonly debug: boolean;
  /** See CliPorts. */
  readonly invocation: string;
}

/** An error as the user sees it on stderr. */
export function errorText(error: unknown, style: ErrorStyle): string {
  const step = isStrataError(error) ? nextStep(error) : undefined;
  const next = step && typedCommand(step, style.invocation);
  return problemText(toProblem(error), style, next) + (style.debug ? `${stackOf(error)}\n` : "");
}

/** A command line that can't be understood, as the user sees it on stderr. */
export function usageText(detail: string, style: ErrorStyle): string {
  return problemText({ ...toProblem(new StrataError("invalid_request", detail)), title: "Wrong usage" }, style, undefined);
}

/** Title, detail, wrong fields, what to type next, code. */
function problemText(problem: Problem, { paint, json }: ErrorStyle, next: string | undefined): string {
  if (json) return `${JSON.stringify(problem)}\n`;
  const lines = [
    `${paint.bad("error")}: ${problem.title}: ${cleanText(problem.detail).trimEnd()}`,
    ...fieldLines(problem),
    ...(next ? [`  next: ${paint.accent(next)}`] : []),
    paint.dim(`  code: ${problem.code}`),
  ];
  return `${lines.join("\n")}\n`;
}

function fieldLines({ errors = [], detail: whole }: Problem): string[] {
  return errors.filter(({ detail }) => !whole.includes(detail)).map(({ pointer, detail }) => `  ${pointer || "/"}: ${cleanText(detail)}`);
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return [error.stack ?? "", ...(error.cause === undefined ? [] : ["caused by:", stackOf(error.cause)])].join("\n");
}
