import { isPropertyMap, type PropertyMap, type PropertyValue } from "#core/property-value.ts";

/** Which values mean the same to the API server as none at all. */
export interface Nothings {
  /** `[]`, for kinds whose Go types don't tell it from a missing list. */
  readonly lists: boolean;
  /** `{}`, "", false and 0, for kinds that have no normal form which leaves them out already. */
  readonly zeroValues: boolean;
}

/**
 * Removes from both sides, in place, what the new one says without saying anything: null, and what `nothings` adds, where the old one has no value. The API server
 * leaves such fields out, or answers null, so that they would look like a change for ever.
 */
export function dropNothings(before: PropertyMap, after: PropertyMap, nothings: Nothings): void {
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (old !== undefined && old !== null) dropBelow(old, value, nothings);
    else if (isNothing(value, nothings)) {
      delete after[key];
      delete before[key];
    }
  }
}

function dropBelow(before: PropertyValue, after: PropertyValue, nothings: Nothings): void {
  if (isPropertyMap(before) && isPropertyMap(after)) dropNothings(before, after, nothings);
  else if (Array.isArray(before) && Array.isArray(after)) {
    for (const [i, value] of after.entries()) if (i < before.length) dropBelow(before[i] as PropertyValue, value, nothings);
  }
}

function isNothing(value: PropertyValue, { lists, zeroValues }: Nothings): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return lists && value.length === 0;
  if (isPropertyMap(value)) return zeroValues && Object.keys(value).length === 0;
  return zeroValues && (value === "" || value === false || value === 0);
}
