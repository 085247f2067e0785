import type { PropertyMap } from "#core/property-value.ts";
import { isUrn, type Urn } from "#core/urn.ts";
import type { Goal } from "#engine/deploy/goal.ts";
import type { Registration, RegistrationOptions } from "#engine/deploy/registration.ts";
import type { CustomTimeouts } from "#engine/state/resource-state.ts";
import { parseGoDuration } from "#engine/values/go-duration.ts";
import { collectDependencies } from "#engine/values/output-values.ts";

/** The part of a goal that follows from a registration and its final options alone. */
export function goalOf(
  registration: Registration,
  options: RegistrationOptions,
): Omit<Goal, "provider" | "properties" | "dependencies" | "propertyDependencies"> {
  checkUrns("DeletedWith", options.deletedWith ? [options.deletedWith] : []);
  return {
    type: registration.type,
    name: registration.name,
    custom: registration.custom,
    parent: (registration.parent || undefined) as Urn | undefined,
    protect: options.protect,
    deleteBeforeReplace: options.deleteBeforeReplace,
    ignoreChanges: options.ignoreChanges,
    additionalSecretOutputs: options.additionalSecretOutputs,
    aliases: options.aliases,
    importId: options.importId,
    customTimeouts: timeoutsOf(options),
    replaceOnChanges: options.replaceOnChanges,
    replacementTrigger: options.replacementTrigger,
    retainOnDelete: options.retainOnDelete,
    deletedWith: (options.deletedWith || undefined) as Urn | undefined,
    replaceWith: options.replaceWith as readonly Urn[],
    hideDiff: options.hideDiff,
    sourcePosition: registration.sourcePosition,
    stackTrace: registration.stackTrace,
    hooks: options.hooks,
  };
}

/** Without dependencies per property, every property has those of the resource. */
export function declaredDependencies(
  { properties, propertyDependencies, remote }: Registration,
  options: RegistrationOptions,
): Record<string, readonly string[]> {
  if (Object.keys(propertyDependencies).length === 0 && !remote) return Object.fromEntries(Object.keys(properties).map((key) => [key, options.dependsOn]));
  for (const urns of Object.values(propertyDependencies)) checkUrns("dependency", urns);
  return { ...propertyDependencies };
}

/** What a resource depends on, as a whole and property by property; `collectAll` adds the latter to the former. */
export function dependenciesOf(
  properties: PropertyMap,
  declared: Readonly<Record<string, readonly string[]>>,
  dependsOn: readonly string[],
  collectAll: boolean,
) {
  const dependencies = new Set(dependsOn);
  const propertyDependencies: Record<string, readonly Urn[]> = { ...declared } as Record<string, readonly Urn[]>;
  for (const [key, value] of Object.entries(properties)) {
    const found = new Set<string>(declared[key] ?? []);
    collectDependencies(value, found);
    propertyDependencies[key] = [...found] as Urn[];
    if (collectAll) for (const urn of found) dependencies.add(urn);
  }
  return { dependencies: [...dependencies] as Urn[], propertyDependencies };
}

function timeoutsOf({ customTimeouts }: RegistrationOptions): CustomTimeouts {
  if (!customTimeouts) return {};
  return Object.fromEntries(Object.entries(customTimeouts).flatMap(([verb, text]) => (text ? [[verb, parseGoDuration(text)]] : [])));
}

/** Throws a `TypeError` for a type token without a package where one is needed. */
export function checkToken(type: string, needsPackage: boolean): void {
  if (needsPackage && type.split(":").length !== 3) throw new TypeError(`Type '${type}' is not a valid type token; expected <package>:<module>:<type>`);
}

/** Throws a `TypeError` for the first that isn't a URN. */
export function checkUrns(what: string, urns: readonly string[]): void {
  for (const urn of urns) if (!isUrn(urn)) throw new TypeError(`invalid ${what} URN: '${urn}'`);
}
