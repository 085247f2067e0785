/**
 * Property values as engine and providers hold them: what a Pulumi program, a provider and a checkpoint exchange.
 *
 * Plain JSON values stand for themselves; everything with a meaning of its own is an instance of one of the classes below. `undefined` never
 * appears; `null` is a value. Mirrors pulumi/pulumi:sdk/go/common/resource/properties.go (v3.259.0).
 */
export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | PropertyValue[]
  | PropertyMap
  | Secret
  | Unknown
  | OutputValue
  | ResourceReference
  | Asset
  | Archive;

/** A property bag: the inputs or outputs of a resource, or a nested object. */
export interface PropertyMap {
  [key: string]: PropertyValue;
}

/** A value that must be encrypted at rest and blinded wherever it is shown. */
export class Secret {
  readonly element: PropertyValue;
  constructor(element: PropertyValue) {
    this.element = element;
  }
}

/** A value that isn't known yet, during a preview. Use the {@link unknown} instance. */
export class Unknown {
  readonly kind = "unknown";
}
export const unknown = new Unknown();

/** A value with its dependencies; only remote components and calls exchange these. */
export class OutputValue {
  /** Absent while unknown. */
  readonly element: PropertyValue | undefined;
  readonly secret: boolean;
  readonly dependencies: readonly string[];
  constructor(element: PropertyValue | undefined, secret: boolean, dependencies: readonly string[]) {
    this.element = element;
    this.secret = secret;
    this.dependencies = dependencies;
  }
}

/** A reference to a registered resource. */
export class ResourceReference {
  readonly urn: string;
  /** Absent for component resources, {@link unknown} while the id isn't known. */
  readonly id: string | Unknown | undefined;
  readonly packageVersion: string;
  constructor(urn: string, id: string | Unknown | undefined, packageVersion = "") {
    this.urn = urn;
    this.id = id;
    this.packageVersion = packageVersion;
  }
}

/** A file's worth of content. `hash` is the lower-case hex SHA-256 of the content, "" until it was computed. */
export class Asset {
  readonly kind: "text" | "path" | "uri";
  readonly value: string;
  readonly hash: string;
  constructor(kind: "text" | "path" | "uri", value: string, hash = "") {
    this.kind = kind;
    this.value = value;
    this.hash = hash;
  }
}

/** A collection of assets, an archive file or an address of one. */
export class Archive {
  readonly kind: "assets" | "path" | "uri";
  readonly value: string | { readonly [name: string]: Asset | Archive };
  readonly hash: string;
  constructor(kind: "assets" | "path" | "uri", value: string | { readonly [name: string]: Asset | Archive }, hash = "") {
    this.kind = kind;
    this.value = value;
    this.hash = hash;
  }
}

/** Whether the value is a plain object, as opposed to a list or one of the classes of this file. */
export function isPropertyMap(value: PropertyValue | undefined): value is PropertyMap {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether an unknown occurs anywhere in the value. */
export function containsUnknowns(value: PropertyValue): boolean {
  return some(value, (v) => v instanceof Unknown || (v instanceof OutputValue && v.element === undefined));
}

/** Whether a secret occurs anywhere in the value. */
export function containsSecrets(value: PropertyValue): boolean {
  return some(value, (v) => v instanceof Secret || (v instanceof OutputValue && v.secret));
}

function some(value: PropertyValue, test: (v: PropertyValue) => boolean): boolean {
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((v) => some(v, test));
  if (value instanceof Secret) return some(value.element, test);
  if (value instanceof OutputValue) return value.element !== undefined && some(value.element, test);
  if (value instanceof ResourceReference) return value.id instanceof Unknown && test(unknown);
  if (isPropertyMap(value)) return Object.values(value).some((v) => some(v, test));
  return false;
}

/** The value with every secret and output wrapper replaced by what it holds (unknown outputs by {@link unknown}). */
export function unwrapSecrets(value: PropertyMap): PropertyMap;
export function unwrapSecrets(value: PropertyValue): PropertyValue;
export function unwrapSecrets(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) return unwrapSecrets(value.element);
  if (value instanceof OutputValue) return value.element === undefined ? unknown : unwrapSecrets(value.element);
  if (Array.isArray(value)) return value.map((v) => unwrapSecrets(v));
  if (isPropertyMap(value)) return mapEntries(value, (v) => unwrapSecrets(v));
  return value;
}

/** A copy of the bag with every entry's value replaced; entries for which `change` answers `undefined` are left out. */
export function mapEntries(bag: PropertyMap, change: (value: PropertyValue, key: string) => PropertyValue | undefined): PropertyMap {
  const result: PropertyMap = {};
  for (const [key, value] of Object.entries(bag)) {
    const changed = change(value, key);
    if (changed !== undefined) setOwn(result, key, changed);
  }
  return result;
}

/** Assigns even a key named `__proto__` as an ordinary entry. */
export function setOwn<Value>(bag: { [key: string]: Value }, key: string, value: Value): void {
  if (key === "__proto__") Object.defineProperty(bag, key, { value, enumerable: true, configurable: true, writable: true });
  else bag[key] = value;
}

/** Deep equality. Assets and archives are equal when their hashes are; unknown equals nothing but unknown. */
export function equalValues(a: PropertyValue | undefined, b: PropertyValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a === null || b === null || typeof a !== "object" || typeof b !== "object")
    return typeof a === "number" && typeof b === "number" && Number.isNaN(a) && Number.isNaN(b);
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((v, i) => equalValues(v, b[i]));
  if (a instanceof Secret) return b instanceof Secret && equalValues(a.element, b.element);
  if (a instanceof Unknown) return b instanceof Unknown;
  if (a instanceof OutputValue)
    return b instanceof OutputValue && a.secret === b.secret && equalValues(a.element, b.element) && sameSet(a.dependencies, b.dependencies);
  if (a instanceof ResourceReference)
    return b instanceof ResourceReference && a.urn === b.urn && (a.id === b.id || (a.id instanceof Unknown && b.id instanceof Unknown));
  if (a instanceof Asset) return b instanceof Asset && (a.hash && b.hash ? a.hash === b.hash : a.kind === b.kind && a.value === b.value);
  if (a instanceof Archive)
    return b instanceof Archive && (a.hash && b.hash ? a.hash === b.hash : a.kind === b.kind && JSON.stringify(a.value) === JSON.stringify(b.value));
  if (!isPropertyMap(a) || !isPropertyMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && equalValues(a[k], b[k]));
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((x) => b.includes(x));
}
