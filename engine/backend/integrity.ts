import { type DeploymentJson, magicOf, type ResourceJson } from "#engine/backend/checkpoint.ts";

/**
 * What is wrong with a deployment, or `undefined`. Mirrors pulumi/pulumi:pkg/resource/stack/snapshot/integrity.go `VerifyIntegrity` (v3.259.0).
 */
export function integrityProblem(deployment: DeploymentJson): string | undefined {
  if (deployment.manifest.magic !== magicOf(deployment.manifest.version)) return "magic cookie mismatch: possible tampering/corruption detected";
  const resources = deployment.resources ?? [];
  const later = new Set(resources.map((resource) => resource.urn));
  const seen = new Map<string, { total: number; deleted: number }>();
  const providers = new Set<string>();
  for (const [index, resource] of resources.entries()) {
    const problem = fieldProblem(resource, index, providers) ?? referenceProblem(resource, seen, later);
    if (problem) return problem;
    const count = seen.get(resource.urn) ?? { total: 0, deleted: 0 };
    seen.set(resource.urn, { total: count.total + 1, deleted: count.deleted + (resource.delete ? 1 : 0) });
  }
  for (const [urn, { total, deleted }] of seen) if (total > 1 && deleted < total - 1) return `duplicate resource ${urn} (not marked for deletion)`;
  return undefined;
}

function fieldProblem(resource: ResourceJson, index: number, providers: Set<string>): string | undefined {
  const { urn } = resource;
  if (!urn) return `resource at index ${index} missing required 'urn' field`;
  if (!resource.type) return `resource '${urn}' missing required 'type' field`;
  if (!resource.custom && resource.id) return `resource '${urn}' has 'custom false but non-empty ID`;
  if (resource.type.startsWith("pulumi:providers:")) providers.add(`${urn}::${String(resource.id ?? "")}`);
  if (resource.provider && !providers.has(String(resource.provider)) && !resource.pendingReplacement)
    return `resource ${urn} refers to unknown provider ${String(resource.provider)}`;
  return undefined;
}

function referenceProblem(resource: ResourceJson, seen: ReadonlyMap<string, unknown>, all: ReadonlySet<string>): string | undefined {
  const { urn } = resource;
  for (const { urn: needed, kind } of references(resource)) {
    if (seen.has(needed)) continue;
    const comesLater = all.has(needed);
    if (kind === "parent")
      return comesLater ? `child resource ${urn}'s parent ${needed} comes after it` : `child resource ${urn} refers to missing parent ${needed}`;
    if (kind === "deletedWith") return `resource ${urn} is specified as being deleted with ${needed}, which ${comesLater ? "comes after it" : "is missing"}`;
    return comesLater ? `resource ${urn}'s ${kind} ${needed} comes after it` : `resource ${urn} refers to missing ${kind} ${needed}`;
  }
  return undefined;
}

interface Reference {
  readonly urn: string;
  readonly kind: "parent" | "dependency" | "property dependency" | "deletedWith";
}

/** Every resource that must stand before the given one. */
export function* references(resource: ResourceJson): Generator<Reference> {
  if (typeof resource.parent === "string" && resource.parent) yield { urn: resource.parent, kind: "parent" };
  for (const urn of texts(resource.dependencies)) yield { urn, kind: "dependency" };
  if (typeof resource.propertyDependencies === "object" && resource.propertyDependencies !== null)
    for (const list of Object.values(resource.propertyDependencies)) for (const urn of texts(list)) yield { urn, kind: "property dependency" };
  if (typeof resource.deletedWith === "string" && resource.deletedWith) yield { urn: resource.deletedWith, kind: "deletedWith" };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
