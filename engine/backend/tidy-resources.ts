import type { JsonObject } from "#core/wire-value.ts";
import type { OperationJson, ResourceJson } from "#engine/backend/checkpoint.ts";
import { references } from "#engine/backend/integrity.ts";

/**
 * Rewrites references to former URNs of aliased resources and drops the aliases. Mirrors pulumi/pulumi:pkg/resource/deploy/snapshot.go
 * `NormalizeURNReferences` (v3.259.0). Answers the same list when there is nothing to do.
 */
export function resolveAliases(resources: readonly ResourceJson[]): readonly ResourceJson[] {
  const current = new Map<string, string>();
  for (const resource of resources)
    for (const alias of (resource.aliases as string[] | undefined) ?? []) if (alias !== resource.urn) current.set(alias, resource.urn);
  if (current.size === 0) return resources.some((resource) => "aliases" in resource) ? resources.map(withoutAliases) : resources;
  return resources.map((resource) => renameReferences(withoutAliases(resource), (urn) => current.get(urn) ?? urn));
}

function withoutAliases({ aliases, ...resource }: ResourceJson): ResourceJson {
  return resource as ResourceJson;
}

/** A copy of a resource in which every URN that it refers to is replaced; its own stays. */
export function renameReferences(resource: ResourceJson, rename: (urn: string) => string): ResourceJson {
  const changed: ResourceJson = { ...resource };
  for (const field of ["parent", "deletedWith", "viewOf"]) if (typeof resource[field] === "string") changed[field] = rename(resource[field]);
  for (const field of ["dependencies", "replaceWith", "aliases"])
    if (Array.isArray(resource[field])) changed[field] = resource[field].map((urn) => rename(String(urn)));
  if (resource.propertyDependencies)
    changed.propertyDependencies = Object.fromEntries(
      Object.entries(resource.propertyDependencies as JsonObject).map(([key, list]) => [
        key,
        Array.isArray(list) ? list.map((urn) => rename(String(urn))) : list,
      ]),
    );
  if (typeof resource.provider === "string" && resource.provider) {
    const id = resource.provider.lastIndexOf("::");
    changed.provider = rename(resource.provider.slice(0, id)) + resource.provider.slice(id);
  }
  return changed;
}

/** Every resource after those it refers to, otherwise in the order given. Resources in a cycle, or that refer to something missing, stay where they are. */
export function inDependencyOrder(resources: readonly ResourceJson[]): ResourceJson[] {
  const byUrn = new Map<string, ResourceJson[]>();
  for (const resource of resources) byUrn.set(resource.urn, [...(byUrn.get(resource.urn) ?? []), resource]);
  const placed = new Set<ResourceJson>();
  const visiting = new Set<ResourceJson>();
  const result: ResourceJson[] = [];
  const place = (resource: ResourceJson): void => {
    if (placed.has(resource) || visiting.has(resource)) return;
    visiting.add(resource);
    for (const urn of neededUrns(resource)) for (const needed of byUrn.get(urn) ?? []) place(needed);
    visiting.delete(resource);
    placed.add(resource);
    result.push(resource);
  };
  resources.forEach(place);
  return result;
}

function neededUrns(resource: ResourceJson): string[] {
  const urns = [...references(resource)].map((reference) => reference.urn);
  if (typeof resource.provider === "string" && resource.provider) urns.push(resource.provider.slice(0, resource.provider.lastIndexOf("::")));
  return urns;
}

/** The same for pending operations. */
export function renameOperation(operation: OperationJson, rename: (urn: string) => string): OperationJson {
  return { ...operation, resource: { ...renameReferences(operation.resource, rename), urn: rename(operation.resource.urn) } };
}
