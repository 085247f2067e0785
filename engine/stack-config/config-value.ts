/**
 * Values of a stack's configuration: texts, objects and lists, with secrets at any depth. Mirrors
 * pulumi/pulumi:sdk/go/common/resource/config/{value,object,plaintext}.go (v3.259.0).
 */
import type { Json, JsonObject } from "#core/wire-value.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import type { PropertyPath } from "#engine/values/property-path.ts";

/** An encrypted text. */
export class SecureText {
  readonly ciphertext: string;
  constructor(ciphertext: string) {
    this.ciphertext = ciphertext;
  }
}

export type ConfigValue = null | boolean | number | string | SecureText | ConfigValue[] | { [key: string]: ConfigValue };

/** Reads a value as files have it: `{secure: CIPHERTEXT}` is a secret at any depth; at the top every scalar is a text. */
export function configValueFrom(json: Json, top = true): ConfigValue {
  if (json === null || typeof json !== "object") return top ? textOf(json) : json;
  if (Array.isArray(json)) return json.map((item) => configValueFrom(item, false));
  const entries = Object.entries(json);
  if (entries.length === 1 && entries[0]![0] === "secure" && typeof entries[0]![1] === "string") return new SecureText(entries[0]![1]);
  return Object.fromEntries(entries.map(([key, item]) => [key, configValueFrom(item, false)]));
}

/** The value as files have it. */
export function configValueToJson(value: ConfigValue): Json {
  if (value instanceof SecureText) return { secure: value.ciphertext };
  if (Array.isArray(value)) return value.map(configValueToJson);
  if (isConfigMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, configValueToJson(item)]));
  return value;
}

export function isSecure(value: ConfigValue): boolean {
  if (value instanceof SecureText) return true;
  if (Array.isArray(value)) return value.some(isSecure);
  return isConfigMap(value) && Object.values(value).some(isSecure);
}

/** Whether the value has a structure, rather than being one text. */
export function isStructured(value: ConfigValue): boolean {
  return Array.isArray(value) || isConfigMap(value);
}

/** The value in plain; `decrypt` is called for each secret in it. */
export function plainValue(value: ConfigValue, decrypt: (ciphertext: string) => string): Json {
  if (value instanceof SecureText) return decrypt(value.ciphertext);
  if (Array.isArray(value)) return value.map((item) => plainValue(item, decrypt));
  if (isConfigMap(value))
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, plainValue(value[key]!, decrypt)]),
    ) as JsonObject;
  return value;
}

/** The value as programs get it: the text, or JSON text for what has a structure. */
export function plainText(value: ConfigValue, decrypt: (ciphertext: string) => string): string {
  return textOf(plainValue(value, decrypt));
}

/** The value with every secret in it changed. */
export function mapSecure(value: ConfigValue, change: (secret: SecureText) => ConfigValue): ConfigValue {
  if (value instanceof SecureText) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapSecure(item, change));
  if (isConfigMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapSecure(item, change)]));
  return value;
}

/** A text given on the command line, as it is stored below the top: true, false and whole numbers get their type. */
export function coerced(text: string): ConfigValue {
  if (text === "true") return true;
  if (text === "false") return false;
  if (/^(?:0|-?[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  return text;
}

/** What is at the path, `undefined` when nothing is. */
export function valueAt(value: ConfigValue | undefined, path: PropertyPath): ConfigValue | undefined {
  let current = value;
  for (const part of path) {
    if (Array.isArray(current)) current = typeof part === "number" ? current[part] : undefined;
    else if (current !== undefined && isConfigMap(current) && typeof part === "string") current = Object.hasOwn(current, part) ? current[part] : undefined;
    else return undefined;
  }
  return current;
}

/** A copy of `value` with what is at `path` replaced; missing containers on the way are made. `prefix` names the place in errors. */
export function withValueAt(value: ConfigValue | undefined, path: PropertyPath, replacement: ConfigValue, prefix: PropertyPath): ConfigValue {
  const [part, ...rest] = path;
  if (part === undefined) return replacement;
  let container = value;
  if (container === undefined || container === null || !isStructured(container)) {
    const replaceable = container === undefined || container === null || prefix.length === 1;
    if (!replaceable) throw new CommandFailure(`${shown(prefix)}: expected ${typeof part === "number" ? "an array" : "a map"}`);
    container = typeof part === "number" ? [] : {};
  }
  const here = [...prefix, part];
  if (Array.isArray(container)) {
    if (typeof part !== "number") throw new CommandFailure(`${shown(here)}: key for an array must be an int`);
    if (part > container.length) throw new CommandFailure(`${shown(here)}: array index out of range`);
    const copy = [...container];
    copy[part] = withValueAt(container[part], rest, replacement, here);
    return copy;
  }
  if (typeof part !== "string") throw new CommandFailure(`${shown(here)}: key for a map must be a string`);
  const map = container as { [key: string]: ConfigValue };
  const copy = { ...map, [part]: withValueAt(Object.hasOwn(map, part) ? map[part] : undefined, rest, replacement, here) };
  return checkNotSecret(copy);
}

/** A copy of `value` without what is at `path`. */
export function withoutValueAt(value: ConfigValue, path: PropertyPath): ConfigValue {
  const [part, ...rest] = path;
  if (part === undefined || valueAt(value, [part]) === undefined) return value;
  if (Array.isArray(value)) {
    const index = part as number;
    return rest.length === 0 ? value.filter((_, i) => i !== index) : value.map((item, i) => (i === index ? withoutValueAt(item, rest) : item));
  }
  const map = value as { [key: string]: ConfigValue };
  if (rest.length > 0) return { ...map, [part]: withoutValueAt(map[part]!, rest) };
  return checkNotSecret(Object.fromEntries(Object.entries(map).filter(([key]) => key !== part)));
}

/** A map that would be taken for a secret when it is read again can't be stored. */
function checkNotSecret(map: { [key: string]: ConfigValue }): ConfigValue {
  if (Object.keys(map).length === 1 && typeof map.secure === "string") throw new CommandFailure(phrases.secureIsReserved);
  return map;
}

function shown(path: PropertyPath): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}

function textOf(json: Json): string {
  return typeof json === "string" ? json : json === null ? "" : JSON.stringify(json);
}

function isConfigMap(value: ConfigValue): value is { [key: string]: ConfigValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof SecureText);
}
