import { equalValues, type PropertyValue, Unknown } from "#core/property-value.ts";
import { fromWire, isSigned, type Json, type JsonObject, signatureKey, signatures } from "#core/wire-value.ts";

/** Lines that show a stack's outputs, one per output, nested values below. */
export function outputLines(outputs: JsonObject, indent: number): string[] {
  return entryLines(outputs, indent);
}

/**
 * Lines that show how outputs change. With `all`, unchanged ones are shown too. Mirrors pulumi/pulumi:pkg/backend/display/object_diff.go (v3.259.0).
 */
export function outputDiffLines(before: JsonObject, after: JsonObject, all: boolean, indent: number): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !key.startsWith("__")).sort();
  const shown = keys.filter((key) => all || !same(before[key], after[key]));
  if (!shown.length || (!all && shown.every((key) => same(before[key], after[key])))) return [];
  const width = Math.max(...keys.map((key) => key.length));
  return shown.flatMap((key) => changeLines(key, width, before[key], after[key], indent));
}

function changeLines(key: string, width: number, before: Json | undefined, after: Json | undefined, indent: number): string[] {
  const lead = "    ".repeat(indent - 1);
  const label = key.padEnd(width);
  if (before === undefined) return valueLines(`${lead}  + ${label}: `, after!, indent);
  if (after === undefined) return valueLines(`${lead}  - ${label}: `, before, indent);
  if (same(before, after)) return valueLines(`${lead}    ${label}: `, after, indent);
  if (isPlainObject(before) && isPlainObject(after)) return [`${lead}  ~ ${label}: {`, ...outputDiffLines(before, after, false, indent + 1), `${lead}    }`];
  const [first = "", ...rest] = valueLines(`${lead}  ~ ${label}: `, before, indent);
  const changed = valueLines("", after, indent);
  return [...[first, ...rest].slice(0, -1), `${[first, ...rest].at(-1)} => ${changed[0]}`, ...changed.slice(1)];
}

function entryLines(object: JsonObject, indent: number): string[] {
  const keys = Object.keys(object)
    .filter((key) => !key.startsWith("__"))
    .sort();
  const width = Math.max(0, ...keys.map((key) => key.length));
  const lead = "    ".repeat(indent);
  return keys.flatMap((key) => valueLines(`${lead}${key.padEnd(width)}: `, object[key]!, indent));
}

function valueLines(label: string, value: Json, indent: number): string[] {
  const lead = "    ".repeat(indent);
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${label}[]`];
    return [`${label}[`, ...value.flatMap((item, index) => valueLines(`${lead}    [${index}]: `, item, indent + 1)), `${lead}]`];
  }
  if (isPlainObject(value)) {
    if (Object.keys(value).length === 0) return [`${label}{}`];
    return [`${label}{`, ...entryLines(value, indent + 1), `${lead}}`];
  }
  return [label + scalarText(value)];
}

function scalarText(value: Json): string {
  if (value === null) return "<null>";
  if (typeof value === "string") return isUnknown(value) ? "[unknown]" : JSON.stringify(value);
  if (typeof value !== "object" || Array.isArray(value)) return String(value);
  const signature = value[signatureKey];
  if (signature === signatures.secret) return "[secret]";
  if (signature === signatures.resourceReference) return `"${String(value.id || value.urn)}"`;
  return signature === signatures.asset || signature === signatures.archive
    ? `${signature === signatures.asset ? "asset" : "archive"}(${String(value.path ?? value.uri ?? "…")})`
    : JSON.stringify(value);
}

/** Whether a value of an event stands for one that isn't known yet. */
export function isUnknown(value: Json): boolean {
  return typeof value === "string" && fromWire(value) instanceof Unknown;
}

function isPlainObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isSigned(value);
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return equalValues(a as PropertyValue, b as PropertyValue);
}
