import { isPropertyMap, type PropertyMap, type PropertyValue, Secret, setOwn, Unknown } from "#core/property-value.ts";
import type { Attributes, AttributeType, Values } from "#providers/bridged/attribute.ts";

/** The outputs that stand for a plan or state: absent attributes left out, known sensitive ones secret. The reverse of `encode`. */
export function decode(values: Values, attributes: Attributes): PropertyMap {
  const outputs: PropertyMap = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = values[name] ?? null;
    if (value === null) continue;
    const decoded = decodeValue(value, attribute.type);
    setOwn(outputs, name, attribute.sensitive && !(decoded instanceof Unknown) ? new Secret(decoded) : decoded);
  }
  return outputs;
}

function decodeValue(value: PropertyValue, type: AttributeType): PropertyValue {
  return typeof type === "object" && "block" in type && isPropertyMap(value) ? decode(value, type.block) : value;
}
