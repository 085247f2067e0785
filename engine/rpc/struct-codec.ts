import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import type { PropertyMap, PropertyValue } from "#core/property-value.ts";
import { fromWire, type Json, type JsonObject, mapFromWire, mapToWire, toWire, type WireOptions } from "#core/wire-value.ts";

type Struct = structPb.Struct;
type Value = structPb.Value;

/** Decodes the properties of a message; an absent struct is an empty bag. */
export function bagFromStruct(struct: Struct | undefined): PropertyMap {
  return struct ? mapFromWire(structToJson(struct)) : {};
}

export function bagToStruct(bag: PropertyMap, options?: WireOptions): Struct {
  return structPb.Struct.fromJavaScript(mapToWire(bag, options));
}

export function valueFromProto(value: Value): PropertyValue {
  return fromWire(valueToJson(value));
}

export function valueToProto(value: PropertyValue, options?: WireOptions): Value {
  return structPb.Value.fromJavaScript(toWire(value, options) ?? null);
}

function structToJson(struct: Struct): JsonObject {
  const result: JsonObject = {};
  struct.getFieldsMap().forEach((value, key) => {
    if (key === "__proto__") Object.defineProperty(result, key, { value: valueToJson(value), enumerable: true, configurable: true, writable: true });
    else result[key] = valueToJson(value);
  });
  return result;
}

function valueToJson(value: Value): Json {
  const { KindCase } = structPb.Value;
  switch (value.getKindCase()) {
    case KindCase.NUMBER_VALUE:
      return value.getNumberValue();
    case KindCase.STRING_VALUE:
      return value.getStringValue();
    case KindCase.BOOL_VALUE:
      return value.getBoolValue();
    case KindCase.STRUCT_VALUE:
      return structToJson(value.getStructValue()!);
    case KindCase.LIST_VALUE:
      return value.getListValue()!.getValuesList().map(valueToJson);
    default:
      return null;
  }
}
