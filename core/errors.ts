import { type ErrorCode, errorCatalogue } from "#core/error-catalogue.ts";

const brand = Symbol.for("strata.error");

/** Where one wrong field of a request or a file is. */
export interface FieldProblem {
  /** JSON pointer into the request body or file, "" for the whole. */
  readonly pointer: string;
  readonly detail: string;
}

export interface StrataErrorOptions {
  readonly cause?: unknown;
  /** Single wrong fields, when there are several or when the place matters. */
  readonly fields?: readonly FieldProblem[];
  /** More facts for programs: stack, urn, operation, file … Strings, numbers and booleans only. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The only error that crosses a room's door. `code` is a key of the error catalogue, which gives title, HTTP status and blame; `detail` says what
 * happened this time: the offending value, its place and the remedy.
 */
export class StrataError extends Error {
  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[];
  readonly facts: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, detail: string, options: StrataErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StrataError";
    this.code = code;
    this.fields = options.fields ?? [];
    this.facts = options.facts ?? {};
  }

  get detail(): string {
    return this.message;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }

  get title(): string {
    return errorCatalogue[this.code].title;
  }
}

/** Whether the error is one of ours, also when it comes from a second copy of this module. */
export function isStrataError(error: unknown): error is StrataError {
  return typeof error === "object" && error !== null && brand in error;
}

/** Whether the error is ours and has the given code. */
export function hasCode(error: unknown, code: ErrorCode): error is StrataError {
  return isStrataError(error) && error.code === code;
}

/** What a caller sees of an error: RFC 9457 problem details. `type` is a path served by the controller. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly errors?: readonly FieldProblem[];
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/** The problem document of any error; one that isn't ours becomes `internal` with its message as the detail. */
export function toProblem(error: unknown): Problem {
  const known = isStrataError(error) ? error : new StrataError("internal", messageOf(error), { cause: error });
  return {
    type: `/problems/${known.code.replaceAll("_", "-")}`,
    title: known.title,
    status: known.status,
    detail: known.detail,
    code: known.code,
    ...(known.fields.length ? { errors: known.fields } : {}),
    ...(Object.keys(known.facts).length ? { facts: known.facts } : {}),
  };
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error that a problem document describes, for clients of the HTTP API and for results that crossed a process border. */
export function fromProblem(problem: Problem): StrataError {
  const code = problem.code in errorCatalogue ? problem.code : "internal";
  return new StrataError(code, problem.detail, { ...(problem.errors ? { fields: problem.errors } : {}), ...(problem.facts ? { facts: problem.facts } : {}) });
}
