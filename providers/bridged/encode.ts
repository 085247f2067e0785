import {
  Archive,
  Asset,
  isPropertyMap,
  mapEntries,
  OutputValue,
  type PropertyMap,
  type PropertyValue,
  ResourceReference,
  Secret,
  Unknown,
  unknown,
} from "#core/property-value.ts";
import { type Attributes, type AttributeType, upstreamName, type Values } from "#providers/bridged/attribute.ts";

/**
 * Reads a property bag by the schema: one entry for every attribute, without secrets; keys that the schema doesn't have are left out. Converts what the
 * bridge converts (numbers and booleans to strings, numerals to numbers); throws an `Error` with its wording for anything else.
 * Mirrors pulumi/pulumi-terraform-bridge:pkg/convert (v3.137.0).
 */
export function encode(bag: PropertyMap, attributes: Attributes): Values {
  const values: Values = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const given = Object.hasOwn(bag, name) ? bag[name] : undefined;
    try {
      values[name] = encodeValue(given ?? null, attribute.type);
    } catch (error) {
      throw new Error(`objectEncoder failed on property ${JSON.stringify(upstreamName(name, attribute))}: ${(error as Error).message}`, { cause: error });
    }
  }
  return values;
}

function encodeValue(wrapped: PropertyValue, type: AttributeType): PropertyValue {
  const value = unwrap(wrapped);
  if (value === null || value instanceof Unknown) return value;
  if (type === "string") return encodeString(value);
  if (type === "integer") return encodeNumber(value);
  if (type === "boolean") {
    if (typeof value !== "boolean") throw new Error("Expected a Boolean");
    return value;
  }
  if ("list" in type) {
    if (!Array.isArray(value)) throw new Error("Expected an Array PropertyValue");
    return value.map((element, i) => encodeElement(element, i, type.list));
  }
  if (!isPropertyMap(value)) throw new Error(`Expected an Object PropertyValue, found ${describe(value)}`);
  return "map" in type ? mapEntries(value, (element) => encodeValue(element, type.map)) : encode(value, type.block);
}

function encodeElement(element: PropertyValue, index: number, type: AttributeType): PropertyValue {
  try {
    return encodeValue(element, type);
  } catch (error) {
    throw new Error(`encList failed while encoding element ${index} (${describe(element)}): ${(error as Error).message}`, { cause: error });
  }
}

function encodeString(value: PropertyValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return decimal(value);
  throw new Error(`Expected a string, got: ${describe(value)}`);
}

function encodeNumber(value: PropertyValue): number | null {
  if (typeof value === "number") return value;
  if (value === "") return null;
  if (typeof value === "string" && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value);
  throw new Error(`Expected a Number, got ${describe(value)}`);
}

/** A number in full, without an exponent. */
function decimal(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 20 });
}

function unwrap(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) return unwrap(value.element);
  if (value instanceof OutputValue) return value.element === undefined ? unknown : unwrap(value.element);
  return value;
}

/** What kind of value it is; never the value itself, which may be a secret. */
function describe(value: PropertyValue): string {
  if (Array.isArray(value)) return "array";
  if (value instanceof Asset) return "asset";
  if (value instanceof Archive) return "archive";
  if (value instanceof ResourceReference) return "resource reference";
  return value instanceof Secret || value instanceof OutputValue ? "output" : typeof value === "object" ? "object" : typeof value;
}
