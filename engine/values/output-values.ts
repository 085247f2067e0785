import { isPropertyMap, mapEntries, OutputValue, type PropertyMap, type PropertyValue, Secret, unknown } from "#core/property-value.ts";

/** The bag without output wrappers: unknown, secret or plain values; dependencies are dropped. */
export function withoutOutputs(bag: PropertyMap): PropertyMap {
  return Object.values(bag).some(holdsOutput) ? mapEntries(bag, flatten) : bag;
}

function flatten(value: PropertyValue): PropertyValue {
  if (value instanceof OutputValue) {
    const element = value.element === undefined ? unknown : flatten(value.element);
    return value.secret ? new Secret(element) : element;
  }
  if (Array.isArray(value)) return value.map(flatten);
  if (value instanceof Secret) return new Secret(flatten(value.element));
  return isPropertyMap(value) ? mapEntries(value, flatten) : value;
}

function holdsOutput(value: PropertyValue): boolean {
  if (value instanceof OutputValue) return true;
  if (Array.isArray(value)) return value.some(holdsOutput);
  if (value instanceof Secret) return holdsOutput(value.element);
  return isPropertyMap(value) && Object.values(value).some(holdsOutput);
}

/** Adds the dependencies of every output in the value to `found`. */
export function collectDependencies(value: PropertyValue, found: Set<string>): void {
  if (value instanceof OutputValue) {
    for (const urn of value.dependencies) found.add(urn);
    if (value.element !== undefined) collectDependencies(value.element, found);
  } else if (value instanceof Secret) collectDependencies(value.element, found);
  else if (Array.isArray(value)) for (const element of value) collectDependencies(element, found);
  else if (isPropertyMap(value)) for (const element of Object.values(value)) collectDependencies(element, found);
}

/**
 * The bag with its secrets and unknown values as outputs, which is how transforms get them: language SDKs keep nothing else intact on its way through a callback.
 * Mirrors `UpgradeToOutputValues` of pulumi/pulumi:sdk/go/common/resource/plugin/rpc.go (v3.259.0).
 */
export function withSecretsAsOutputs(bag: PropertyMap): PropertyMap {
  return mapEntries(bag, upgrade);
}

function upgrade(value: PropertyValue): PropertyValue {
  if (value === unknown) return new OutputValue(undefined, false, []);
  if (value instanceof Secret) return new OutputValue(value.element === unknown ? undefined : upgrade(value.element), true, []);
  if (value instanceof OutputValue) return value;
  if (Array.isArray(value)) return value.map(upgrade);
  return isPropertyMap(value) ? mapEntries(value, upgrade) : value;
}

/** Properties as outputs that carry at least the given dependencies, so that a transform which moves them keeps those. */
export function withOutputs(bag: PropertyMap, dependencies: Readonly<Record<string, readonly string[]>>): PropertyMap {
  return mapEntries(bag, (value, key) => {
    const wanted = dependencies[key] ?? [];
    const present = new Set<string>();
    collectDependencies(value, present);
    if (wanted.every((urn) => present.has(urn))) return value;
    if (value instanceof OutputValue) return new OutputValue(value.element, value.secret, [...new Set([...value.dependencies, ...wanted])]);
    if (value === unknown) return new OutputValue(undefined, false, wanted);
    if (value instanceof Secret) return new OutputValue(value.element === unknown ? undefined : value.element, true, wanted);
    return new OutputValue(value, false, wanted);
  });
}
