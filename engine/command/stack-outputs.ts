import { isPropertyMap, mapEntries, type PropertyMap, type PropertyValue, Secret, unwrapSecrets } from "#core/property-value.ts";
import { rootStackType } from "#core/urn.ts";
import type { JsonObject } from "#core/wire-value.ts";
import type { StoredCheckpoint } from "#engine/backend/stack-store.ts";
import { blindedSecrets, decodeMap, encodeMap, plainSecrets, type SecretDecoder, unsealedSecrets } from "#engine/backend/value-codec.ts";
import type { Workspace } from "#engine/command/workspace.ts";
import { SecretSeal } from "#engine/secrets/secret-seal.ts";

/** Outputs of a stack as `stack output` shows them: secrets in plain, or as `[secret]` at their own level; the latter needs no passphrase. */
export async function shownOutputs(workspace: Workspace, checkpoint: StoredCheckpoint, showSecrets: boolean): Promise<JsonObject> {
  const outputs = decodeOutputs(checkpoint, showSecrets ? await stateDecoder(workspace, checkpoint) : blindedSecrets);
  return encodeMap(showSecrets ? unwrapSecrets(outputs) : (masked(outputs) as PropertyMap), plainSecrets);
}

/** Outputs of a stack with secrets as secrets. */
export async function stackOutputs(workspace: Workspace, checkpoint: StoredCheckpoint): Promise<PropertyMap> {
  return decodeOutputs(checkpoint, await stateDecoder(workspace, checkpoint));
}

function decodeOutputs(checkpoint: StoredCheckpoint, secrets: SecretDecoder): PropertyMap {
  const root = checkpoint.latest?.resources?.find((resource) => resource.type === rootStackType && !resource.delete);
  return decodeMap((root?.outputs ?? {}) as JsonObject, secrets);
}

/** Decrypts what the state holds. The passphrase is asked for only where a state has a secrets provider. */
export async function stateDecoder(workspace: Workspace, checkpoint: StoredCheckpoint): Promise<SecretDecoder> {
  const manager = await workspace.secretsOfState(checkpoint);
  return manager ? unsealedSecrets(new SecretSeal(manager)) : blindedSecrets;
}

function masked(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) return "[secret]";
  if (Array.isArray(value)) return value.map(masked);
  return isPropertyMap(value) ? mapEntries(value, masked) : value;
}
