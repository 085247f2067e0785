import { containsSecrets, isPropertyMap, mapEntries, type PropertyMap, type PropertyValue, Secret } from "#core/property-value.ts";

/**
 * Marks what a provider that doesn't understand secrets answered: an entry whose counterpart holds a secret becomes one, maps recursively.
 * Mirrors `annotateSecrets` of pulumi/pulumi:pkg/resource/plugin/provider_plugin.go (v3.259.0).
 */
export function annotateSecrets(answer: PropertyMap, counterpart: PropertyMap): PropertyMap {
  if (!Object.values(counterpart).some(containsSecrets)) return answer;
  return mapEntries(answer, (value, key) => {
    const other = Object.hasOwn(counterpart, key) ? counterpart[key] : undefined;
    if (other === undefined) return value;
    if (isPropertyMap(value) && isPropertyMap(other)) return annotateSecrets(value, other);
    return !(value instanceof Secret) && containsSecrets(other) ? new Secret(value) : value;
  });
}

/** Outputs with those made secret that the registration asked for, or whose input of the same name is one. */
export function protectOutputs(outputs: PropertyMap, inputs: PropertyMap, secretOutputs: readonly string[]): PropertyMap {
  const toHide = (key: string, value: PropertyValue) =>
    !(value instanceof Secret) && ((key !== "id" && secretOutputs.includes(key)) || (Object.hasOwn(inputs, key) && inputs[key] instanceof Secret));
  if (!Object.entries(outputs).some(([key, value]) => toHide(key, value))) return outputs;
  return mapEntries(outputs, (value, key) => (toHide(key, value) ? new Secret(value) : value));
}
