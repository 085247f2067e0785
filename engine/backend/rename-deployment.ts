import { parseUrn, rootStackType } from "#core/urn.ts";
import { isSigned, type Json, signatureKey, signatures } from "#core/wire-value.ts";
import type { DeploymentJson, ResourceJson } from "#engine/backend/checkpoint.ts";
import type { StackReference } from "#engine/backend/stack-reference.ts";
import { renameOperation, renameReferences } from "#engine/backend/tidy-resources.ts";

/** A deployment with every URN moved to another stack or project. Mirrors pulumi/pulumi:pkg/resource/edit/operations.go `RenameStack` (v3.259.0). */
export function renameDeployment(deployment: DeploymentJson, from: StackReference, to: StackReference): DeploymentJson {
  const rename = (urn: string) => renamedUrn(urn, from, to);
  const moveValues = (resource: ResourceJson): ResourceJson => ({
    ...resource,
    ...(resource.inputs ? { inputs: renameInValue(resource.inputs, rename) } : {}),
    ...(resource.outputs ? { outputs: renameInValue(resource.outputs, rename) } : {}),
  });
  return {
    ...deployment,
    ...(deployment.resources
      ? { resources: deployment.resources.map((resource) => moveValues({ ...renameReferences(resource, rename), urn: rename(resource.urn) })) }
      : {}),
    ...(deployment.pending_operations ? { pending_operations: deployment.pending_operations.map((operation) => renameOperation(operation, rename)) } : {}),
  };
}

function renamedUrn(urn: string, from: StackReference, to: StackReference): string {
  const { stack, project, qualifiedType, type, name } = parseUrn(urn);
  if (stack !== from.stack || project !== from.project) return urn;
  const newName = type === rootStackType ? `${to.project}-${to.stack}` : name;
  return `urn:pulumi:${to.stack}::${to.project}::${qualifiedType}::${newName}`;
}

/** Renames resource references inside property values. */
function renameInValue(value: Json, rename: (urn: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => renameInValue(item, rename));
  if (typeof value !== "object" || value === null) return value;
  if (isSigned(value))
    return value[signatureKey] === signatures.resourceReference && typeof value.urn === "string" ? { ...value, urn: rename(value.urn) } : value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renameInValue(item, rename)]));
}
