import type { DeploymentJson } from "#engine/backend/checkpoint.ts";
import { decodeOperation, decodeResource, encodeOperation, encodeResource } from "#engine/backend/resource-codec.ts";
import { type SecretDecoder, sealedSecrets } from "#engine/backend/value-codec.ts";
import type { SecretSeal } from "#engine/secrets/secret-seal.ts";
import { emptySnapshot, type Snapshot } from "#engine/state/resource-state.ts";

/** The snapshot that a deployment holds. Throws a `TypeError` for malformed values and what the decoder throws for secrets. */
export function decodeSnapshot(deployment: DeploymentJson | undefined, secrets: SecretDecoder): Snapshot {
  if (!deployment) return emptySnapshot;
  return {
    resources: (deployment.resources ?? []).map((resource) => decodeResource(resource, secrets)),
    pendingOperations: (deployment.pending_operations ?? []).map((operation) => decodeOperation(operation, secrets)),
  };
}

/** The deployment for a snapshot; fields of the former one that this version doesn't know stay. */
export function encodeSnapshot(snapshot: Snapshot, seal: SecretSeal, manifest: DeploymentJson["manifest"], former: DeploymentJson | undefined): DeploymentJson {
  const secrets = sealedSecrets(seal);
  return {
    ...former,
    manifest,
    secrets_providers: { type: seal.manager.type, state: seal.manager.state },
    resources: snapshot.resources.map((resource) => encodeResource(resource, secrets)),
    pending_operations: snapshot.pendingOperations.map((operation) => encodeOperation(operation, secrets)),
  };
}
