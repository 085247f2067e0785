import type { FastifyInstance } from "fastify";
import { ValueChecker, type ValueProblem } from "#config/check-value.ts";
import { StrataError } from "#core/errors.ts";
import type { JsonObject } from "#core/wire-value.ts";

const partNames: Readonly<Record<string, string>> = { body: "body", querystring: "query", params: "path", headers: "headers" };

/** Checks every part of a request against its schema. Bodies are taken as they are; numbers, booleans and lists in queries are read from their text. */
export function addRequestValidation(app: FastifyInstance): void {
  const checker = new ValueChecker();
  app.setValidatorCompiler<JsonObject>(({ schema, httpPart }) => {
    checker.compile(schema);
    const part = partNames[httpPart ?? ""] ?? "request";
    return (data: unknown) => {
      if (part === "body" && data === null)
        return { error: new StrataError("invalid_request", "The request has no body. Send a JSON object; /docs shows its fields.") };
      const value = part === "query" ? readQuery(schema, data) : data;
      const problems = checker.check(schema, value);
      return problems.length ? { error: rejected(part, problems) } : { value };
    };
  });
}

function rejected(part: string, problems: readonly ValueProblem[]): StrataError {
  const code = problems.every((problem) => problem.kind === "unknown") ? "unknown_field" : "invalid_request";
  const fields = problems.map((problem) => ({ pointer: pointerOf(problem.path), detail: sentence(problem) }));
  return new StrataError(code, `In the ${part}: ${fields.map((field) => field.detail).join(" ")}`, { fields });
}

function sentence({ kind, path, detail }: ValueProblem): string {
  if (kind === "unknown") return detail.charAt(0).toUpperCase() + detail.slice(1);
  return path.length ? `'${path.join(".")}' ${detail}` : `It ${detail}`;
}

function pointerOf(path: ValueProblem["path"]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Texts as what the schema expects, where they can be read so; otherwise they stay, and the check tells. */
function readQuery(schema: JsonObject, data: unknown): unknown {
  const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
  return Object.fromEntries(Object.entries((data ?? {}) as Record<string, unknown>).map(([key, value]) => [key, readText(properties[key], value)]));
}

function readText(schema: JsonObject | undefined, value: unknown): unknown {
  if (schema?.type === "array") return [value].flat().flatMap((entry) => String(entry).split(","));
  if (typeof value !== "string") return value;
  if (schema?.type === "integer" && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (schema?.type === "boolean" && /^(?:true|false)$/.test(value)) return value === "true";
  return value;
}
