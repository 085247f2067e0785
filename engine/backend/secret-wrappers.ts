import { isSigned, type Json, signatureKey, signatures } from "#core/wire-value.ts";
import type { DeploymentJson, ResourceJson } from "#engine/backend/checkpoint.ts";

/** A deployment with the outermost secret wrappers of every resource changed; everything else stays as it is, unknown fields included. */
export function mapSecretWrappers(deployment: DeploymentJson, change: (wrapper: SecretWrapper) => SecretWrapper): DeploymentJson {
  const inResource = (resource: ResourceJson): ResourceJson => ({
    ...resource,
    ...(resource.inputs ? { inputs: inValue(resource.inputs, change) } : {}),
    ...(resource.outputs ? { outputs: inValue(resource.outputs, change) } : {}),
    ...(resource.replacementTrigger ? { replacementTrigger: inValue(resource.replacementTrigger, change) } : {}),
  });
  return {
    ...deployment,
    ...(deployment.resources ? { resources: deployment.resources.map(inResource) } : {}),
    ...(deployment.pending_operations
      ? { pending_operations: deployment.pending_operations.map((operation) => ({ ...operation, resource: inResource(operation.resource) })) }
      : {}),
  };
}

/** A secret as it stands in a file: JSON text of its value, encrypted or not. */
export interface SecretWrapper {
  readonly ciphertext?: string;
  readonly plaintext?: string;
}

/** Whether any secret occurs. */
export function hasSecretWrappers(deployment: DeploymentJson): boolean {
  let found = false;
  mapSecretWrappers(deployment, (wrapper) => {
    found = true;
    return wrapper;
  });
  return found;
}

function inValue(value: Json, change: (wrapper: SecretWrapper) => SecretWrapper): Json {
  if (Array.isArray(value)) return value.map((item) => inValue(item, change));
  if (typeof value !== "object" || value === null) return value;
  if (isSigned(value) && value[signatureKey] === signatures.secret) {
    const changed = change({
      ...(typeof value.ciphertext === "string" ? { ciphertext: value.ciphertext } : {}),
      ...(typeof value.plaintext === "string" ? { plaintext: value.plaintext } : {}),
    });
    return { [signatureKey]: signatures.secret, ...changed } as Json;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inValue(item, change)]));
}

/** In an export with shown secrets, secrets within secrets name their text `plaintext` too. */
export function revealNested(plaintext: string): string {
  return rename(plaintext, "ciphertext", "plaintext");
}

/** The opposite of {@link revealNested}. */
export function concealNested(plaintext: string): string {
  return rename(plaintext, "plaintext", "ciphertext");
}

function rename(plaintext: string, from: "ciphertext" | "plaintext", to: "ciphertext" | "plaintext"): string {
  if (!plaintext.includes(signatures.secret)) return plaintext;
  const value = JSON.parse(plaintext) as Json;
  return JSON.stringify(inValue(value, (wrapper) => ({ [to]: rename(wrapper[from] ?? wrapper[to] ?? "null", from, to) })));
}
