import { containsUnknowns, isPropertyMap, type PropertyMap, type PropertyValue, setOwn } from "#core/property-value.ts";
import { apiTypes, type Shape } from "#providers/kubernetes/model/api-types.ts";
import { isBuiltIn, isCustomResourceDefinition, isSecret, kindOfObject, kindText } from "#providers/kubernetes/model/kind.ts";
import { apiVersionOf, at, copyOf, type KubernetesObject, removeAt } from "#providers/kubernetes/model/kubernetes-object.ts";
import { prune } from "#providers/kubernetes/model/prune.ts";
import { canonicalQuantity } from "#providers/kubernetes/model/quantity.ts";

const serverOwnedMetadata = ["creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "uid"];

/**
 * The object as its kind's Go types would write it, reduced to what the input says: unknown fields and zero values of optional fields vanish, quantities
 * are canonical. Objects with unknowns, of custom kinds, or that don't fit their type stay as they are. What the server owns in metadata goes always.
 *
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `normalizeInputs` and provider/pkg/clients/unstructured.go (v4.32.0).
 */
export function normalise(object: KubernetesObject): KubernetesObject {
  const result = isBuiltIn(apiVersionOf(object)) && !containsUnknowns(object) ? rewrite(object) : copyOf(object);
  for (const key of serverOwnedMetadata) removeAt(result, ["metadata", key]);
  return result;
}

function rewrite(object: KubernetesObject): KubernetesObject {
  if (isCustomResourceDefinition(object)) return normaliseDefinition(object);
  if (isSecret(object)) return normaliseSecret(object);
  const shape = apiTypes().shapeOf(kindText(kindOfObject(object)));
  if (!shape) return copyOf(object);
  try {
    return prune(convert(object, shape) as KubernetesObject, object);
  } catch (error) {
    if (error instanceof MisfitError) return copyOf(object);
    throw error;
  }
}

function normaliseDefinition(definition: KubernetesObject): KubernetesObject {
  const result = copyOf(definition);
  if (at(result, "spec", "preserveUnknownFields") === false) removeAt(result, ["spec", "preserveUnknownFields"]);
  delete result.status;
  return result;
}

/** The server keeps text in `data` only, encoded. */
function normaliseSecret(secret: KubernetesObject): KubernetesObject {
  const result = copyOf(secret);
  const texts = result.stringData;
  if (isPropertyMap(texts) && Object.keys(texts).length > 0 && Object.values(texts).every((value) => typeof value === "string")) {
    const data: PropertyMap = isPropertyMap(result.data) ? result.data : {};
    for (const [key, value] of Object.entries(texts)) setOwn(data, key, Buffer.from(value as string).toString("base64"));
    result.data = data;
    delete result.stringData;
    return result;
  }
  if (isPropertyMap(result.data))
    for (const [key, value] of Object.entries(result.data)) if (typeof value === "string") setOwn(result.data, key, canonicalBase64(value));
  return result;
}

/** The server decodes and encodes anew, which drops line breaks; what isn't base64 is left for it to refuse. */
function canonicalBase64(text: string): string {
  const joined = text.replace(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(joined)) return text;
  return Buffer.from(joined, "base64").toString("base64");
}

/** The value doesn't fit its Go type. */
class MisfitError extends Error {}

function convert(value: PropertyValue, shape: Shape): PropertyValue {
  if (value === null) return zeroOf(shape);
  switch (shape.is) {
    case "any":
    case "RawExtension":
    case "FieldsV1":
      return value;
    case "string":
    case "bool":
    case "int":
    case "float":
      return scalar(value, shape.is);
    case "bytes":
      if (typeof value !== "string") throw new MisfitError();
      return canonicalBase64(value);
    case "Time":
    case "MicroTime":
      return time(value, shape.is === "MicroTime" ? 6 : 0);
    case "Quantity":
      return quantity(value);
    case "IntOrString":
      if (typeof value === "string" || (typeof value === "number" && Number.isInteger(value))) return value;
      throw new MisfitError();
    case "optional":
      return convert(value, shape.of);
    case "list":
      if (!Array.isArray(value)) throw new MisfitError();
      return value.map((entry) => convert(entry, shape.of));
    case "map":
      return convertMap(value, shape.of);
    case "struct":
      return convertStruct(value, shape);
  }
}

function convertMap(value: PropertyValue, of: Shape): PropertyMap {
  if (!isPropertyMap(value)) throw new MisfitError();
  const result: PropertyMap = {};
  for (const [key, entry] of Object.entries(value)) setOwn(result, key, convert(entry, of));
  return result;
}

function convertStruct(value: PropertyValue, shape: Extract<Shape, { is: "struct" }>): PropertyMap {
  if (!isPropertyMap(value)) throw new MisfitError();
  const result: PropertyMap = {};
  for (const [key, entry] of Object.entries(value)) {
    const field = shape.fields.get(key);
    if (!field) continue;
    const converted = convert(entry, field.shape);
    if (!(field.omitEmpty && isEmpty(converted, entry, field.shape))) setOwn(result, key, converted);
  }
  return result;
}

/** Go's notion of the zero value that `omitempty` leaves out. Structs, and what a pointer points to, are never empty. */
function isEmpty(value: PropertyValue, given: PropertyValue, shape: Shape): boolean {
  switch (shape.is) {
    case "string":
      return value === "";
    case "bool":
      return value === false;
    case "int":
    case "float":
      return value === 0;
    case "bytes":
      return given === null || value === "";
    case "list":
      return given === null || (Array.isArray(value) && value.length === 0);
    case "map":
      return given === null || (isPropertyMap(value) && Object.keys(value).length === 0);
    case "optional":
    case "any":
    case "Time":
    case "MicroTime":
      return given === null;
    default:
      return false;
  }
}

function zeroOf(shape: Shape): PropertyValue {
  if (shape.is === "string") return "";
  if (shape.is === "bool") return false;
  if (shape.is === "int" || shape.is === "float") return 0;
  if (shape.is === "Quantity") return "0";
  if (shape.is === "IntOrString") return 0;
  return shape.is === "struct" ? {} : null;
}

function scalar(value: PropertyValue, is: "string" | "bool" | "int" | "float"): PropertyValue {
  const fits =
    is === "string"
      ? typeof value === "string"
      : is === "bool"
        ? typeof value === "boolean"
        : typeof value === "number" && (is === "float" || Number.isInteger(value));
  if (!fits) throw new MisfitError();
  return value;
}

function quantity(value: PropertyValue): PropertyValue {
  const canonical = typeof value === "string" || typeof value === "number" ? canonicalQuantity(String(value)) : undefined;
  if (canonical === undefined) throw new MisfitError();
  return canonical;
}

function time(value: PropertyValue, fractionDigits: number): PropertyValue {
  const date = typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value) : undefined;
  if (!date || Number.isNaN(date.getTime())) throw new MisfitError();
  const text = date.toISOString();
  if (fractionDigits === 0) return text.replace(/\.\d+Z$/, "Z");
  const fraction = /\.(\d+)/.exec(value as string)?.[1] ?? "";
  return text.replace(/\.\d+Z$/, `.${fraction.padEnd(fractionDigits, "0").slice(0, fractionDigits)}Z`);
}
