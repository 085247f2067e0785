/**
 * Property values as the Pulumi protocols carry them: JSON (a `google.protobuf.Struct` or a checkpoint), where anything that isn't plain JSON
 * is an object with a signature key or a well-known string.
 *
 * Mirrors pulumi/pulumi:sdk/go/common/resource/plugin/rpc.go and sig/sig.go (v3.259.0).
 */
import {
  Archive,
  Asset,
  OutputValue,
  type PropertyMap,
  type PropertyValue,
  ResourceReference,
  Secret,
  setOwn,
  Unknown,
  unknown,
} from "#core/property-value.ts";

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** A JSON object. */
export type JsonObject = { [key: string]: Json };

export const signatureKey = "4dabf18193072939515e22adb298388d";
export const signatures = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  resourceReference: "5cf8f73096256a8f31e491e813e4eb8e",
  outputValue: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  nonFiniteNumber: "8ad145fe-0d11-4827-bfd7-1abcbf086f5c",
} as const;

/** The string that stands for an unknown value of any type when sending. */
export const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownStrings = new Set([
  unknownString,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** What the receiver understands. */
export interface WireOptions {
  /** Wrap secrets; otherwise they are sent in plain. @default true */
  readonly secrets?: boolean;
  /** Send unknowns as the well-known string; otherwise entries that hold one are left out. @default true */
  readonly unknowns?: boolean;
  /** Send resource references; otherwise only their id, or URN where they have none. @default true */
  readonly resources?: boolean;
  /** Send output values; otherwise what they hold. @default false */
  readonly outputs?: boolean;
}

/** Encodes a value; answers `undefined` for an unknown that `options` leave out. */
export function toWire(value: PropertyValue, options: WireOptions = {}): Json | undefined {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((v) => toWire(v, options) ?? null);
  if (value instanceof Secret) {
    const element = toWire(value.element, options);
    if (element === undefined || options.secrets === false) return element;
    return { [signatureKey]: signatures.secret, value: element };
  }
  if (value instanceof Unknown) return options.unknowns === false ? undefined : unknownString;
  if (value instanceof OutputValue) return outputToWire(value, options);
  if (value instanceof ResourceReference) {
    const id = value.id instanceof Unknown ? "" : value.id;
    if (options.resources === false) return id === undefined ? value.urn : id === "" ? unknownString : id;
    return { [signatureKey]: signatures.resourceReference, urn: value.urn, packageVersion: value.packageVersion, ...(id === undefined ? {} : { id }) };
  }
  if (value instanceof Asset) return { [signatureKey]: signatures.asset, [value.kind]: value.value, ...(value.hash ? { hash: value.hash } : {}) };
  if (value instanceof Archive) {
    const content =
      typeof value.value === "string" ? value.value : Object.fromEntries(Object.entries(value.value).map(([k, v]) => [k, toWire(v, options) as Json]));
    return { [signatureKey]: signatures.archive, [value.kind]: content, ...(value.hash ? { hash: value.hash } : {}) };
  }
  return mapToWire(value, options);
}

/** Encodes a property bag. */
export function mapToWire(bag: PropertyMap, options: WireOptions = {}): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(bag)) {
    const encoded = toWire(value, options);
    if (encoded !== undefined) setOwn(result, key, encoded);
  }
  return result;
}

function outputToWire(value: OutputValue, options: WireOptions): Json | undefined {
  if (options.outputs) {
    const element = value.element === undefined ? undefined : toWire(value.element, options);
    return {
      [signatureKey]: signatures.outputValue,
      ...(element === undefined ? {} : { value: element }),
      ...(value.secret ? { secret: true } : {}),
      ...(value.dependencies.length ? { dependencies: [...value.dependencies] } : {}),
    };
  }
  const element = value.element ?? unknown;
  return toWire(value.secret ? new Secret(element) : element, options);
}

/** Decodes a value. Throws a `TypeError` for a signature it doesn't know. */
export function fromWire(value: Json): PropertyValue {
  if (typeof value === "string") return unknownStrings.has(value) ? unknown : value;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(fromWire);
  const signature = value[signatureKey];
  return signature === undefined ? mapFromWire(value) : signedFromWire(signature, value);
}

/** Decodes a property bag. */
export function mapFromWire(bag: JsonObject): PropertyMap {
  const result: PropertyMap = {};
  for (const [key, value] of Object.entries(bag)) if (value !== undefined) setOwn(result, key, fromWire(value));
  return result;
}

function signedFromWire(signature: Json, value: JsonObject): PropertyValue {
  switch (signature) {
    case signatures.secret:
      return new Secret(fromWire(value.value ?? null));
    case signatures.resourceReference: {
      const id = value.id;
      return new ResourceReference(
        text(value.urn),
        id === undefined || id === null ? undefined : id === "" || unknownStrings.has(text(id)) ? unknown : text(id),
        text(value.packageVersion ?? ""),
      );
    }
    case signatures.outputValue:
      return new OutputValue(
        value.value === undefined ? undefined : fromWire(value.value),
        value.secret === true,
        Array.isArray(value.dependencies) ? value.dependencies.map(text) : [],
      );
    case signatures.asset:
      for (const kind of ["text", "path", "uri"] as const)
        if (value[kind] !== undefined && value[kind] !== "") return new Asset(kind, text(value[kind]), text(value.hash ?? ""));
      return new Asset("text", "", text(value.hash ?? ""));
    case signatures.archive:
      return archiveFromWire(value);
    case signatures.nonFiniteNumber:
      return Buffer.from(text(value.value), "hex").readDoubleBE();
    default:
      throw new TypeError(`unrecognized signature '${String(signature)}' in a property value`);
  }
}

function archiveFromWire(value: JsonObject): Archive {
  const hash = text(value.hash ?? "");
  if (typeof value.path === "string" && value.path) return new Archive("path", value.path, hash);
  if (typeof value.uri === "string" && value.uri) return new Archive("uri", value.uri, hash);
  const assets: Record<string, Asset | Archive> = {};
  for (const [name, entry] of Object.entries((value.assets ?? {}) as JsonObject)) {
    const decoded = fromWire(entry);
    if (!(decoded instanceof Asset || decoded instanceof Archive)) throw new TypeError(`archive entry '${name}' is neither an asset nor an archive`);
    assets[name] = decoded;
  }
  return new Archive("assets", assets, hash);
}

function text(value: Json | undefined): string {
  if (typeof value !== "string") throw new TypeError(`expected a string in a property value, got ${JSON.stringify(value)}`);
  return value;
}

/** Whether a JSON object is a wrapper with a signature rather than a plain object. */
export function isSigned(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && signatureKey in value;
}
