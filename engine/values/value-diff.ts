import { equalValues, isPropertyMap, type PropertyMap, type PropertyValue } from "#core/property-value.ts";
import { formatPropertyPath } from "#engine/values/property-path.ts";
import type { DetailedDiff, DiffKind } from "#providers/contract.ts";

export interface BagDiff {
  readonly changedKeys: readonly string[];
  readonly detailedDiff: DetailedDiff;
}

/**
 * What differs between two bags, `undefined` when nothing does; null counts as absent at the level of map entries.
 * Mirrors pulumi/pulumi:sdk/go/common/resource/properties_diff.go and pkg/resource/plugin/provider.go (v3.259.0).
 */
export function diffBags(before: PropertyMap, after: PropertyMap, inputDiff: boolean): BagDiff | undefined {
  const found: Record<string, { kind: DiffKind; inputDiff: boolean }> = {};
  const note = (path: (string | number)[], kind: DiffKind) => {
    found[formatPropertyPath(path)] = { kind, inputDiff };
  };
  const changedKeys = collectMap(before, after, [], note);
  return changedKeys.length ? { changedKeys, detailedDiff: found } : undefined;
}

/** Deep equality of bags where an entry that is null counts as absent. */
export function equalBags(a: PropertyMap, b: PropertyMap): boolean {
  return equalEntries(a, b);
}

type Note = (path: (string | number)[], kind: DiffKind) => void;

function collectMap(before: PropertyMap, after: PropertyMap, path: (string | number)[], note: Note): string[] {
  const changed: string[] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = Object.hasOwn(before, key) ? (before[key] ?? undefined) : undefined;
    const now = Object.hasOwn(after, key) ? (after[key] ?? undefined) : undefined;
    if (same(old ?? null, now ?? null)) continue;
    changed.push(key);
    const at = [...path, key];
    if (old === undefined) note(at, "add");
    else if (now === undefined) note(at, "delete");
    else collectValue(old, now, at, note);
  }
  return changed;
}

function collectValue(old: PropertyValue, now: PropertyValue, path: (string | number)[], note: Note): void {
  if (isPropertyMap(old) && isPropertyMap(now)) {
    collectMap(old, now, path, note);
  } else if (Array.isArray(old) && Array.isArray(now)) {
    for (let i = 0; i < Math.max(old.length, now.length); i++) {
      if (i >= old.length) note([...path, i], "add");
      else if (i >= now.length) note([...path, i], "delete");
      else if (!same(old[i]!, now[i]!)) collectValue(old[i]!, now[i]!, [...path, i], note);
    }
  } else note(path, "update");
}

function same(a: PropertyValue, b: PropertyValue): boolean {
  if (isPropertyMap(a) && isPropertyMap(b)) return equalEntries(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => same(v, b[i]!));
  return equalValues(a, b);
}

function equalEntries(a: PropertyMap, b: PropertyMap): boolean {
  for (const [key, value] of Object.entries(a)) if (!same(value ?? null, (Object.hasOwn(b, key) ? b[key] : null) ?? null)) return false;
  for (const [key, value] of Object.entries(b)) if (value !== null && !Object.hasOwn(a, key)) return false;
  return true;
}
