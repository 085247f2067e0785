import { isPropertyMap, mapEntries, type PropertyMap, type PropertyValue, Secret } from "#core/property-value.ts";
import { type Attributes, isInput } from "#providers/bridged/attribute.ts";

/**
 * The inputs after a refresh: the old ones with the values that the outputs now have; those that the outputs lack are dropped.
 * Mirrors pulumi/pulumi-terraform-bridge:pkg/tfbridge/schema.go `ExtractInputsFromOutputs` (v3.137.0), for refresh.
 */
export function refreshedInputs(oldInputs: PropertyMap, outputs: PropertyMap): PropertyMap {
  return mapEntries(oldInputs, (old, name) => (Object.hasOwn(outputs, name) ? refreshedValue(old, outputs[name] ?? null) : undefined));
}

function refreshedValue(old: PropertyValue, now: PropertyValue): PropertyValue {
  if (Array.isArray(old) && Array.isArray(now)) return old.slice(0, now.length).map((element, i) => refreshedValue(element, now[i] ?? null));
  if (isPropertyMap(old) && isPropertyMap(now)) return refreshedInputs(old, now);
  return now;
}

/** The inputs that an imported resource stands for: every attribute that can be given and isn't an optional one with its zero value. */
export function importedInputs(outputs: PropertyMap, attributes: Attributes): PropertyMap {
  return mapEntries(outputs, (value, name) => {
    const attribute = attributes[name];
    if (!attribute || !isInput(attribute)) return undefined;
    return attribute.presence !== "required" && isZero(value) ? undefined : value;
  });
}

function isZero(value: PropertyValue): boolean {
  if (value instanceof Secret) return isZero(value.element);
  if (Array.isArray(value)) return value.length === 0;
  if (isPropertyMap(value)) return Object.keys(value).length === 0;
  return value === null || value === false || value === 0 || value === "";
}
