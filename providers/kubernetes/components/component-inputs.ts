import { containsUnknowns, isPropertyMap, OutputValue, type PropertyMap, type PropertyValue, Secret, setOwn, unknown } from "#core/property-value.ts";

/** Plain inputs of a component: without secrets, outputs and nulls at the top; `undefined` while any of `needed` isn't known. */
export function plainInputs(inputs: PropertyMap, needed: readonly string[]): PropertyMap | undefined {
  const plain: PropertyMap = {};
  for (const [key, value] of Object.entries(inputs)) {
    const bare = unwrap(value);
    if (needed.includes(key) && containsUnknowns(bare)) return undefined;
    if (bare !== null) setOwn(plain, key, bare);
  }
  return plain;
}

function unwrap(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) return unwrap(value.element);
  if (value instanceof OutputValue) return value.element === undefined ? unknown : unwrap(value.element);
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isPropertyMap(value)) return value;
  const result: PropertyMap = {};
  for (const [key, entry] of Object.entries(value)) setOwn(result, key, unwrap(entry));
  return result;
}

export function textInput(inputs: PropertyMap, key: string): string | undefined {
  const value = inputs[key];
  return typeof value === "string" ? value : undefined;
}

export function flagInput(inputs: PropertyMap, key: string): boolean {
  return inputs[key] === true || inputs[key] === "true";
}
