import { isPropertyMap, type PropertyMap, type PropertyValue, Secret, setOwn } from "#core/property-value.ts";

/** `a.b[0]["k"].*` taken apart. Mirrors pulumi/pulumi:sdk/go/common/resource/properties_path.go (v3.259.0). */
export type PropertyPath = readonly (string | number)[];

/** Takes a path apart; throws a `TypeError` for one that isn't well formed. */
export function parsePropertyPath(text: string): PropertyPath {
  const parts: (string | number)[] = [];
  let rest = text;
  while (rest.length > 0) {
    if (rest.startsWith(".")) {
      rest = rest.slice(1);
      if (rest === "") throw new TypeError(`the property path '${text}' ends with a dot`);
      if (rest.startsWith("[")) continue;
    }
    if (rest.startsWith('["')) {
      const match = /^\["((?:[^"\\]|\\.)*)"\]/.exec(rest);
      if (!match) throw new TypeError(`the property path '${text}' has a bracket that isn't closed`);
      parts.push(match[1]!.replace(/\\(.)/g, "$1"));
      rest = rest.slice(match[0].length);
    } else if (rest.startsWith("[")) {
      const match = /^\[(\d+|\*)\]/.exec(rest);
      if (!match) throw new TypeError(`the property path '${text}' has an index that is neither a number, a quoted key nor '*'`);
      parts.push(match[1] === "*" ? "*" : Number(match[1]));
      rest = rest.slice(match[0].length);
    } else {
      const key = /^[^.[]*/.exec(rest)![0];
      parts.push(key);
      rest = rest.slice(key.length);
    }
  }
  return parts;
}

/** The path as text, e.g. of a detailed diff: keys that aren't identifiers are quoted in brackets. */
export function formatPropertyPath(path: PropertyPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/[."[\]]/.test(part)) text += `["${part.replace(/(["\\])/g, "\\$1")}"]`;
    else text += text ? `.${part}` : part;
  }
  return text;
}

/** Whether `path` names `other` or something that `other` is part of; `*` stands for any one part. */
export function pathContains(path: PropertyPath, other: PropertyPath): boolean {
  return path.length <= other.length && path.every((part, i) => part === "*" || part === other[i]);
}

/**
 * `inputs` with the given paths reset to what they were in `oldInputs`. `impossible` lists paths that name an element which only one side has.
 * Mirrors `processIgnoreChanges` of pulumi/pulumi:pkg/resource/deploy/step_generator.go (v3.259.0).
 */
export function resetPaths(inputs: PropertyMap, oldInputs: PropertyMap, paths: readonly string[]): { inputs: PropertyMap; impossible: readonly string[] } {
  if (paths.length === 0) return { inputs, impossible: [] };
  const copy = copyValue(inputs) as PropertyMap;
  const impossible: string[] = [];
  for (const text of paths) {
    const path = parseOrUndefined(text);
    if (path && !reset(path, oldInputs, copy, false)) impossible.push(text);
  }
  return { inputs: copy, impossible };
}

function parseOrUndefined(text: string): PropertyPath | undefined {
  try {
    return parsePropertyPath(text);
  } catch {
    return undefined;
  }
}

/** Resets in place; `hide` marks values that were secret only through a wrapper further up. Answers false where the path can't be reset. */
function reset(path: PropertyPath, oldValue: PropertyValue | undefined, newValue: PropertyValue | undefined, hide: boolean): boolean {
  const [part, ...rest] = path;
  if (part === undefined) return false;
  const hidden = hide || (oldValue instanceof Secret && !(newValue instanceof Secret));
  const before = unwrap(oldValue);
  const after = unwrap(newValue);
  if (part === "*") return resetAll(rest, before, after, hidden);
  return typeof part === "number" ? resetElement(part, rest, before, after, hidden) : resetKey(part, rest, before, after, hidden);
}

function resetElement(index: number, rest: PropertyPath, before: PropertyValue | undefined, after: PropertyValue | undefined, hide: boolean): boolean {
  if (!Array.isArray(before) || !Array.isArray(after)) return !Array.isArray(before) && !Array.isArray(after);
  if (index >= before.length || index >= after.length) return rest.length === 0 && index >= before.length && index >= after.length;
  if (rest.length > 0) return reset(rest, before[index], after[index], hide);
  after[index] = wrap(before[index]!, hide);
  return true;
}

function resetKey(key: string, rest: PropertyPath, before: PropertyValue | undefined, after: PropertyValue | undefined, hide: boolean): boolean {
  const old = isPropertyMap(before) && Object.hasOwn(before, key) ? before[key] : undefined;
  if (rest.length === 0) {
    if (old === undefined) {
      if (isPropertyMap(after)) delete after[key];
      return true;
    }
    if (!isPropertyMap(after)) return false;
    setOwn(after, key, wrap(old, hide));
    return true;
  }
  if (!isPropertyMap(before) || !isPropertyMap(after)) return !isPropertyMap(before) && !isPropertyMap(after);
  if (!Object.hasOwn(after, key)) return old === undefined;
  return reset(rest, old, after[key], hide);
}

function resetAll(rest: PropertyPath, before: PropertyValue | undefined, after: PropertyValue | undefined, hide: boolean): boolean {
  if (isPropertyMap(after) && isPropertyMap(before)) {
    if (rest.length > 0) return Object.keys(before).every((key) => Object.hasOwn(after, key) && reset(rest, before[key], after[key], hide));
    for (const key of Object.keys(after)) if (!Object.hasOwn(before, key)) delete after[key];
    for (const [key, value] of Object.entries(before)) setOwn(after, key, wrap(value, hide));
    return true;
  }
  if (Array.isArray(after) && Array.isArray(before)) {
    const common = Math.min(before.length, after.length);
    for (let i = 0; i < common; i++) {
      if (rest.length === 0) after[i] = wrap(before[i]!, hide);
      else if (!reset(rest, before[i], after[i], hide)) return false;
    }
    return before.length === after.length;
  }
  return rest.length === 0 && (isPropertyMap(after) || Array.isArray(after));
}

function wrap(value: PropertyValue, hide: boolean): PropertyValue {
  return hide && !(value instanceof Secret) ? new Secret(value) : value;
}

function unwrap(value: PropertyValue | undefined): PropertyValue | undefined {
  return value instanceof Secret ? unwrap(value.element) : value;
}

/** A copy whose lists and maps may be changed. */
function copyValue(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(copyValue);
  if (value instanceof Secret) return new Secret(copyValue(value.element));
  if (!isPropertyMap(value)) return value;
  const copy: PropertyMap = {};
  for (const [key, element] of Object.entries(value)) setOwn(copy, key, copyValue(element));
  return copy;
}
