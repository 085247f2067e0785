import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { ValuePath } from "#config/yaml-file.ts";
import { closestName } from "#core/closest-name.ts";
import type { JsonObject } from "#core/wire-value.ts";

/** One thing that is wrong with a value. */
export interface ValueProblem {
  readonly path: ValuePath;
  /** `unknown`: the last key of the path isn't one that exists; `invalid`: the value at the path is wrong. */
  readonly kind: "unknown" | "invalid";
  /** What is wrong and what to do, without the place. */
  readonly detail: string;
}

const ajv = () => new Ajv({ allErrors: true, verbose: true, strict: true, strictRequired: false, allowUnionTypes: true, discriminator: true });

/** Compiles JSON Schemas once and tells in plain words how a value differs from one. */
export class ValueChecker {
  private readonly compiled = new WeakMap<object, ValidateFunction>();
  private readonly ajv = ajv();

  /** Throws when the schema itself is wrong. */
  compile(schema: JsonObject): ValidateFunction {
    const existing = this.compiled.get(schema);
    if (existing) return existing;
    const validate = this.ajv.compile(schema);
    this.compiled.set(schema, validate);
    return validate;
  }

  /** All problems of the value; empty when it fits. */
  check(schema: JsonObject, value: unknown): ValueProblem[] {
    const validate = this.compile(schema);
    if (validate(value)) return [];
    const errors = validate.errors ?? [];
    // A union reports every branch that failed and then itself; its own summary says it better.
    const summaries = errors.filter((error) => error.keyword === "oneOf" || error.keyword === "anyOf");
    const telling = errors.filter(
      (error) => error.keyword !== "if" && !summaries.some((summary) => summary !== error && error.schemaPath.startsWith(summary.schemaPath)),
    );
    return telling.map(explain);
  }
}

/** How a rejected value is shown: short, on one line. */
export function show(value: unknown): string {
  if (typeof value === "string") return `'${value.length > 60 ? `${value.slice(0, 57)}…` : value}'`;
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  return String(value);
}

function explain(error: ErrorObject): ValueProblem {
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const invalid = (detail: string): ValueProblem => ({ path, kind: "invalid", detail });
  const shown = show(error.data);
  switch (error.keyword) {
    case "additionalProperties": {
      const name = String(error.params.additionalProperty);
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      return { path: [...path, name], kind: "unknown", detail: unknownName("field", name, known) };
    }
    case "required":
      return invalid(`lacks '${error.params.missingProperty}'; add it.`);
    case "type":
      return invalid(`is ${shown}, but must be ${[error.params.type].flat().map(article).join(" or ")}.`);
    case "enum": {
      const allowed = (error.params.allowedValues as unknown[]).map(String);
      const near = typeof error.data === "string" ? closestName(error.data, allowed) : undefined;
      return invalid(`is ${shown}; it may be ${allowed.join(", ")}.${near ? ` Did you mean '${near}'?` : ""}`);
    }
    case "const":
      return invalid(`is ${shown}; it must be ${show(error.params.allowedValue)}.`);
    case "pattern":
      return invalid(
        `is ${shown}; ${typeof error.parentSchema?.description === "string" ? `it must be ${error.parentSchema.description}` : `it must match ${error.params.pattern}`}.`,
      );
    case "discriminator": {
      const tag = String(error.params.tag);
      const branches = (error.parentSchema?.oneOf ?? []) as { properties?: Record<string, { const?: string }> }[];
      const allowed = branches.flatMap((branch) => branch.properties?.[tag]?.const ?? []);
      const value = error.params.tagValue as unknown;
      if (value === undefined) return invalid(`lacks '${tag}'; it may be ${allowed.join(", ")}.`);
      const near = typeof value === "string" ? closestName(value, allowed) : undefined;
      return { path: [...path, tag], kind: "invalid", detail: `is ${show(value)}; it may be ${allowed.join(", ")}.${near ? ` Did you mean '${near}'?` : ""}` };
    }
    case "oneOf":
    case "anyOf":
      return invalid(
        `is ${shown}; ${typeof error.parentSchema?.description === "string" ? `it must be ${error.parentSchema.description}` : "it has none of the allowed forms"}.`,
      );
    default:
      return invalid(`is ${shown}; it ${error.message ?? "isn't allowed"}.`);
  }
}

/** The sentence for a name that doesn't exist: the closest one that does, and all of them while they are few. */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const near = closestName(name, known);
  const list = known.length === 0 ? "There is none." : known.length <= 24 ? `Known: ${known.join(", ")}.` : "";
  return [`there is no ${kind} '${name.slice(0, 60)}'.`, near ? `Did you mean '${near}'?` : "", list].filter(Boolean).join(" ");
}

function article(type: unknown): string {
  const words: Record<string, string> = {
    object: "a mapping",
    array: "a list",
    string: "a text",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
    null: "null",
  };
  return words[String(type)] ?? String(type);
}
