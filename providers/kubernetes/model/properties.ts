import { isPropertyMap, OutputValue, type PropertyMap, type PropertyValue, Secret, setOwn, unknown } from "#core/property-value.ts";
import type { KubernetesObject } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Property bags can't carry these keys of the API's JSON schemas; the SDKs write them with underscores. */
const dashedKeys = new Map(
  ["embedded_resource", "int_or_string", "list_map_keys", "list_type", "map_type", "preserve_unknown_fields", "validations"].map((name) => [
    `x_kubernetes_${name}`,
    `x-kubernetes-${name.replaceAll("_", "-")}`,
  ]),
);
const underscoredKeys = new Map([...dashedKeys].map(([underscored, dashed]) => [dashed, underscored]));

/** The API object that a property bag describes: without secrets, with the API's own keys. Always a copy. */
export function toObject(bag: PropertyMap): KubernetesObject {
  return rename(bag, dashedKeys) as KubernetesObject;
}

/** The property bag for an API object. Always a copy. */
export function toProperties(object: KubernetesObject): PropertyMap {
  return rename(object, underscoredKeys) as PropertyMap;
}

function rename(value: PropertyValue, names: ReadonlyMap<string, string>): PropertyValue {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((entry) => rename(entry, names));
  if (value instanceof Secret) return rename(value.element, names);
  if (value instanceof OutputValue) return value.element === undefined ? unknown : rename(value.element, names);
  if (!isPropertyMap(value)) return value;
  const result: PropertyMap = {};
  for (const [key, entry] of Object.entries(value)) setOwn(result, names.get(key) ?? key, rename(entry, names));
  return result;
}
