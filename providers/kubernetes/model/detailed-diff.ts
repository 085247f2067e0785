import { equalValues, isPropertyMap, type PropertyMap, type PropertyValue, setOwn, Unknown } from "#core/property-value.ts";
import type { DetailedDiff, DiffKind } from "#providers/contract.ts";
import { type PropertyPath, pathText } from "#providers/kubernetes/model/property-path.ts";

/** The values at one place; `undefined` for one that isn't there. */
interface Place {
  readonly old: PropertyValue | undefined;
  readonly newInput: PropertyValue | undefined;
  readonly oldInput: PropertyValue | undefined;
}

/**
 * What a merge patch changes, property by property. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `patchConverter` (v4.32.0).
 *
 * @param forceNew paths whose change replaces the object
 * @param oldInputs what had been asked for; `old` itself where that is reduced to it already
 */
export function detailedDiff(patch: PropertyMap, old: PropertyMap, news: PropertyMap, forceNew: readonly string[], oldInputs: PropertyMap = old): DetailedDiff {
  const walk = new PatchWalk(forceNew.map(parsePattern));
  walk.map([], patch, { old, newInput: news, oldInput: oldInputs }, false);
  return walk.result;
}

class PatchWalk {
  readonly result: Record<string, { kind: DiffKind; inputDiff: boolean }> = {};
  readonly #forceNew: readonly Pattern[];
  constructor(forceNew: readonly Pattern[]) {
    this.#forceNew = forceNew;
  }

  map(path: PropertyPath, patch: PropertyMap, place: Place, inList: boolean): void {
    for (const [key, value] of Object.entries(patch)) this.#value([...path, key], value, below(place, key), inList);
    // A list is replaced as a whole, so what is gone from one of its objects doesn't show in the patch.
    if (inList && isPropertyMap(place.old))
      for (const key of Object.keys(place.old)) if (!Object.hasOwn(patch, key)) this.#value([...path, key], null, below(place, key), inList);
  }

  #list(path: PropertyPath, patch: readonly PropertyValue[], place: Place): void {
    const old = place.old as PropertyValue[];
    const item = (value: PropertyValue | undefined, i: number) => (Array.isArray(value) ? (value[i] ?? null) : null);
    for (let i = 0; i < Math.max(patch.length, old.length); i++)
      this.#value([...path, i], patch[i] ?? null, { old: old[i], newInput: item(place.newInput, i), oldInput: item(place.oldInput, i) }, true);
  }

  #value(path: PropertyPath, value: PropertyValue, place: Place, inList: boolean): void {
    // Without a new input there is nothing but a deletion, and that only of something that had been asked for.
    if (place.newInput === undefined && (value !== null || place.oldInput === undefined)) return;
    if (value === null) this.#record(path, value, place.newInput instanceof Unknown ? (place.old === undefined ? "add" : "update") : "delete");
    else if (place.old === undefined) this.#record(path, value, "add");
    else if (isPropertyMap(value) && isPropertyMap(place.old)) this.map(path, value, place, inList);
    else if (Array.isArray(value) && Array.isArray(place.old)) this.#list(path, value, place);
    else if (!equalValues(value, place.old)) this.#record(path, value, "update");
  }

  #record(path: PropertyPath, value: PropertyValue, kind: "add" | "delete" | "update"): void {
    const change = nest(path, value);
    const replaces = this.#forceNew.some((pattern) => touches(pattern, change));
    this.result[pathText(path)] = { kind: replaces ? `${kind}-replace` : kind, inputDiff: kind === "delete" };
  }
}

function below(place: Place, key: string): Place {
  const get = (value: PropertyValue | undefined) => (isPropertyMap(value) && Object.hasOwn(value, key) ? value[key] : undefined);
  return { old: get(place.old), newInput: get(place.newInput), oldInput: get(place.oldInput) };
}

/** An object that holds nothing but the value at the path; a place in a list becomes a list of one. */
function nest(path: PropertyPath, value: PropertyValue): PropertyValue {
  return path.reduceRight<PropertyValue>((inner, part) => {
    if (typeof part === "number") return [inner];
    const outer: PropertyMap = {};
    setOwn(outer, part, inner);
    return outer;
  }, value);
}

type Pattern = readonly string[];

function parsePattern(text: string): Pattern {
  return text.replaceAll("[*]", ".*").split(".");
}

/** Whether the pattern finds something in the change. As in the API's JSONPath, "every item of nothing" isn't a miss. */
function touches(pattern: Pattern, change: PropertyValue): boolean {
  let found: PropertyValue[] = [change];
  for (const part of pattern) {
    if (part === "*") {
      const lists = found.filter((value) => value !== null);
      if (!lists.every((value) => Array.isArray(value))) return true;
      found = lists.flat();
    } else if (found.length > 0) {
      found = found.flatMap((value) => (isPropertyMap(value) && Object.hasOwn(value, part) ? [value[part] as PropertyValue] : []));
      if (found.length === 0) return false;
    }
  }
  return true;
}
