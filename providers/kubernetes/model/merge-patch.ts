import { equalValues, isPropertyMap, type PropertyMap, type PropertyValue, setOwn, Unknown } from "#core/property-value.ts";

/** The JSON merge patch (RFC 7386) that makes `after` out of `before`; unknowns appear as null. */
export function mergePatch(before: PropertyMap, after: PropertyMap): PropertyMap {
  const patch: PropertyMap = {};
  for (const [key, value] of Object.entries(after)) {
    const change = Object.hasOwn(before, key) ? changeOf(before[key] as PropertyValue, value) : withoutUnknowns(value);
    if (change !== undefined) setOwn(patch, key, change);
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) setOwn(patch, key, null);
  return patch;
}

function changeOf(before: PropertyValue, after: PropertyValue): PropertyValue | undefined {
  if (isPropertyMap(before) && isPropertyMap(after)) {
    const inner = mergePatch(before, after);
    return Object.keys(inner).length ? inner : undefined;
  }
  return equalValues(before, after) ? undefined : withoutUnknowns(after);
}

function withoutUnknowns(value: PropertyValue): PropertyValue {
  if (value instanceof Unknown) return null;
  if (Array.isArray(value)) return value.map(withoutUnknowns);
  if (!isPropertyMap(value)) return value;
  const result: PropertyMap = {};
  for (const [key, entry] of Object.entries(value)) setOwn(result, key, withoutUnknowns(entry));
  return result;
}
