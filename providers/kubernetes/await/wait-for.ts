import { isPropertyMap, type PropertyValue } from "#core/property-value.ts";
import { ObjectReadiness } from "#providers/kubernetes/await/object-readiness.ts";
import { conditionOf } from "#providers/kubernetes/await/pod.ts";
import type { Readiness, ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import { type JsonPath, parseJsonPath, selectByPath } from "#providers/kubernetes/model/json-path.ts";
import { at, generationOf, type KubernetesObject, listAt, numberAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

type Check = (object: KubernetesObject, input: ReadinessInput) => boolean;

/**
 * The rule that a `pulumi.com/waitFor` annotation asks for: one expression, or a JSON list of them which must all hold. Throws an `Error` for an expression that
 * can't be read. Mirrors pulumi/pulumi-kubernetes:provider/pkg/metadata/overrides.go `ReadyCondition` (v4.32.0).
 */
export function waitForReadiness(annotation: string, input: ReadinessInput): Readiness {
  const checks = expressionsOf(annotation).map(parseCheck);
  return new ObjectReadiness(input, {
    isReady: (object) => checks.every((check) => check(object, input)),
    timeoutMessage: "timed out waiting for the condition",
  });
}

function expressionsOf(annotation: string): string[] {
  let list: unknown;
  try {
    list = JSON.parse(annotation);
  } catch {
    return [annotation];
  }
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === "string")) return [annotation];
  if (list.length === 0) throw new Error("at least one condition must be specified");
  return list;
}

function parseCheck(expression: string): Check {
  if (expression.startsWith("jsonpath=")) return jsonPathCheck(expression.slice("jsonpath=".length));
  if (expression.startsWith("condition=")) return conditionCheck(expression.slice("condition=".length));
  throw new Error(`expected a "jsonpath=" or "condition=" prefix, got ${JSON.stringify(expression)}`);
}

/** `{.path}` must exist, `{.path}=value` must have the value; the status must be of the latest generation. */
function jsonPathCheck(text: string): Check {
  const [shown = "", ...values] = text.split(/(?<!=)=(?!=)/);
  if (values.length > 1) throw new Error(`format should be {.path}=value or {.path}, got "${text}"`);
  const [wanted] = values;
  if (wanted === "") throw new Error(`${shown}= requires a value`);
  if (shown.startsWith("'") && shown.endsWith("'")) throw new Error(`${shown} should omit shell quotes`);
  const inner = /\{\s*(.*?)\s*\}/.exec(shown)?.[1];
  if (inner === undefined) throw new Error(`${shown} should be wrapped in brackets { ... }`);
  const path: JsonPath = parseJsonPath(inner);
  const name = wanted === undefined ? shown : `${shown}=${wanted}`;
  return (object, input) => {
    const observed = numberAt(object, "status", "observedGeneration");
    if (observed !== undefined && observed < generationOf(object)) return false;
    const [found] = selectByPath(object, path);
    const holds = found !== undefined && (wanted === undefined || plainText(found, shown) === wanted);
    input.status(holds ? `Found ${name}` : found === undefined ? `${shown} selected nothing` : `Waiting for ${name} (found ${JSON.stringify(found)})`);
    return holds;
  };
}

function plainText(value: PropertyValue, path: string): string {
  if (Array.isArray(value) || isPropertyMap(value)) throw new Error(`"${path}" has a non-primitive value (${JSON.stringify(value)})`);
  return String(value);
}

/** `Type` must be True, `Type=Status` must have the status; case doesn't matter. */
function conditionCheck(text: string): Check {
  const [type = "", status = "True"] = text.split("=", 2);
  return (object, input) => {
    if (at(object, "status", "conditions") === undefined) {
      input.status("Has no .status.conditions", "warning");
      return false;
    }
    const condition =
      conditionOf(object, type) ?? listAt(object, "status", "conditions").find((entry) => textAt(entry, "type").toLowerCase() === type.toLowerCase());
    if (!condition) return false;
    const observed = numberAt(condition, "observedGeneration") ?? numberAt(object, "status", "observedGeneration");
    if (observed !== undefined && observed < generationOf(object)) {
      input.status(`Generation ${observed} is less than expected ${generationOf(object)}`);
      return false;
    }
    const holds = textAt(condition, "status").toLowerCase() === status.toLowerCase();
    if (!holds) input.status(`Resource has condition ${type}=${textAt(condition, "status")} (want ${status})`);
    return holds;
  };
}
