import { isPropertyMap, type PropertyMap, type PropertyValue } from "#core/property-value.ts";

type Step =
  | { readonly key: string }
  | { readonly index: number }
  | { readonly all: true }
  | { readonly descend: true }
  /** Keeps the entries whose value at a path compares so. */
  | { readonly filter: JsonPath; readonly operator: "" | "==" | "!=" | "<" | "<=" | ">" | ">="; readonly value: PropertyValue };

export type JsonPath = readonly Step[];

/** Reads a JSONPath (RFC 9535, the common part): `.a.b`, `['a']`, `[0]`, `[-1]`, `[*]`, `..a`, `[?(@.a=="b")]`. Throws an `Error` for anything else. */
export function parseJsonPath(text: string): JsonPath {
  const steps: Step[] = [];
  const token = /\.\.|\.?([A-Za-z_][\w-]*)|\.?(\*)|\[\s*(?:(-?\d+)|(\*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\?\(?(.*?)\)?)\s*\]/y;
  let place = text.startsWith("$") ? 1 : 0;
  while (place < text.length) {
    token.lastIndex = place;
    const match = token.exec(text);
    if (!match) throw new Error(`parsing "{${text}}": unexpected '${text.slice(place, place + 20)}'`);
    place = token.lastIndex;
    const [whole, key, star, index, all, single, double, filter] = match;
    if (whole === "..") steps.push({ descend: true });
    else if (star !== undefined || all !== undefined) steps.push({ all: true });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (filter !== undefined) steps.push(parseFilter(filter));
    else steps.push({ key: key ?? (single ?? double ?? "").replaceAll(/\\(.)/g, "$1") });
  }
  return steps;
}

function parseFilter(text: string): Step {
  const match = /^\s*@((?:[^=!<>])*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/.exec(text);
  if (!match) throw new Error(`parsing the filter '${text}' of a JSONPath: expected @.path, or @.path==value`);
  const [, path = "", operator = "", value] = match;
  return { filter: parseJsonPath(path), operator: operator as "", value: value === undefined ? null : literal(value) };
}

function literal(text: string): PropertyValue {
  const quoted = /^'(.*)'$|^"(.*)"$/.exec(text);
  if (quoted) return quoted[1] ?? quoted[2] ?? "";
  if (["true", "false", "null"].includes(text)) return JSON.parse(text) as PropertyValue;
  const number = Number(text);
  if (Number.isNaN(number)) throw new Error(`'${text}' in a JSONPath is neither a quoted text, a number, true, false nor null`);
  return number;
}

/** Everything in the object that the path selects. */
export function selectByPath(object: PropertyMap, path: JsonPath): PropertyValue[] {
  let found: PropertyValue[] = [object];
  for (const step of path) found = found.flatMap((value) => select(value, step));
  return found;
}

function select(value: PropertyValue, step: Step): PropertyValue[] {
  const children = Array.isArray(value) ? value : isPropertyMap(value) ? Object.values(value) : [];
  if ("key" in step) return isPropertyMap(value) && Object.hasOwn(value, step.key) ? [value[step.key] as PropertyValue] : [];
  if ("index" in step) {
    const entry = Array.isArray(value) ? value.at(step.index) : undefined;
    return entry === undefined ? [] : [entry];
  }
  if ("all" in step) return children;
  if ("descend" in step) return [value, ...children.flatMap((child) => select(child, step))];
  return children.filter((child) => isPropertyMap(child) && selectByPath(child, step.filter).some((entry) => compare(entry, step.operator, step.value)));
}

function compare(left: PropertyValue, operator: string, right: PropertyValue): boolean {
  if (operator === "") return true;
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
  const difference = left === right ? 0 : (left as number) < (right as number) ? -1 : 1;
  return operator === "<" ? difference < 0 : operator === "<=" ? difference <= 0 : operator === ">" ? difference > 0 : difference >= 0;
}
