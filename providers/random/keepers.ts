import { equalValues, isPropertyMap, type PropertyValue } from "#core/property-value.ts";
import type { Attribute } from "#providers/bridged/attribute.ts";

/** `keepers` of all kinds but one: a difference replaces the resource, unless it is only that keys without a value came. */
export const keepers: Attribute = {
  type: { map: "string" },
  presence: "optional",
  replaces: ({ config, prior }) => !onlyNullsAdded(config, prior),
};

function onlyNullsAdded(config: PropertyValue, prior: PropertyValue): boolean {
  const [now, before] = [entries(config), entries(prior)];
  return (
    Object.keys(before).every((key) => Object.hasOwn(now, key)) &&
    Object.entries(now).every(([key, value]) => (Object.hasOwn(before, key) ? equalValues(value, before[key]) : value === null))
  );
}

/** Absent and wholly unknown keepers have no entries. */
function entries(value: PropertyValue): Record<string, PropertyValue> {
  return isPropertyMap(value) ? value : {};
}
