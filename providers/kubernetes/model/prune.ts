import { isPropertyMap, type PropertyMap, type PropertyValue, setOwn } from "#core/property-value.ts";
import { copyOf } from "#providers/kubernetes/model/kubernetes-object.ts";

/**
 * A copy of `source` reduced to the shape of `shape`: only keys that both have, lists place by place.
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/util.go `pruneMap`, `pruneSlice` (v4.32.0).
 */
export function prune(source: PropertyMap, shape: PropertyMap): PropertyMap {
  const result: PropertyMap = {};
  for (const [key, value] of Object.entries(source)) if (Object.hasOwn(shape, key)) setOwn(result, key, pruneValue(value, shape[key] as PropertyValue));
  return result;
}

function pruneValue(value: PropertyValue, shape: PropertyValue): PropertyValue {
  if (isPropertyMap(value) && isPropertyMap(shape)) return prune(value, shape);
  if (Array.isArray(value) && Array.isArray(shape)) return pruneList(value, shape);
  return copyOf(value);
}

function pruneList(source: readonly PropertyValue[], shape: readonly PropertyValue[]): PropertyValue[] {
  if (source.length === 0 || shape.length === 0) return [];
  if (sortOf(source[0]) !== sortOf(shape[0])) return source.map(copyOf);
  return source.slice(0, shape.length).map((value, i) => pruneValue(value, shape[i] as PropertyValue));
}

function sortOf(value: PropertyValue | undefined): string {
  return Array.isArray(value) ? "list" : value === null ? "null" : isPropertyMap(value) ? "map" : typeof value;
}
