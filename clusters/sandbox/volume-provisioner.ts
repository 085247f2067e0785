import { type KubeApi, KubeApiError, type KubeObject } from "#clusters/kube-client.ts";
import type { Logger } from "#core/logger.ts";
import { provisioner } from "./foundations.ts";
import { simulatedLabel } from "./simulated.ts";
import { WatchedCollection } from "./watched-collection.ts";

interface ClaimSpec {
  storageClassName?: string;
  volumeName?: string;
  accessModes?: string[];
  volumeMode?: string;
  resources?: { requests?: { storage?: string } };
}

/**
 * The external provisioner of the simulated storage class: makes a volume object for each claim that the control plane hands it, and
 * deletes those released. Nothing is stored anywhere.
 *
 * Protocol: kubernetes-sigs/sig-storage-lib-external-provisioner:controller/controller.go (v13).
 */
export class VolumeProvisioner {
  readonly #client: KubeApi;
  readonly #claims: WatchedCollection;
  readonly #volumes: WatchedCollection;

  constructor(client: KubeApi, logger: Logger) {
    this.#client = client;
    this.#claims = new WatchedCollection(client, "/api/v1/persistentvolumeclaims", logger);
    this.#volumes = new WatchedCollection(client, "/api/v1/persistentvolumes", logger);
  }

  /** Runs until `signal`. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#claims.follow((claim) => this.#provision(claim), signal), this.#volumes.follow((volume) => this.#reclaim(volume), signal)]);
  }

  async #provision(claim: KubeObject): Promise<void> {
    const spec = claim.spec as ClaimSpec;
    const annotations = claim.metadata.annotations ?? {};
    // The control plane's volume controller asks by this annotation, for WaitForFirstConsumer only once a pod is scheduled.
    const asked = annotations["volume.kubernetes.io/storage-provisioner"] ?? annotations["volume.beta.kubernetes.io/storage-provisioner"];
    if (asked !== provisioner || spec.volumeName || claim.metadata.deletionTimestamp) return;
    const storageClass = await this.#client.get(`/apis/storage.k8s.io/v1/storageclasses/${spec.storageClassName}`);
    if (storageClass.volumeBindingMode === "WaitForFirstConsumer" && !annotations["volume.kubernetes.io/selected-node"]) return;
    const name = `pvc-${claim.metadata.uid}`;
    try {
      await this.#client.create("/api/v1/persistentvolumes", {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name, labels: { [simulatedLabel]: "true" }, annotations: { "pv.kubernetes.io/provisioned-by": provisioner } },
        spec: {
          accessModes: spec.accessModes,
          capacity: { storage: spec.resources?.requests?.storage },
          claimRef: {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            namespace: claim.metadata.namespace,
            name: claim.metadata.name,
            uid: claim.metadata.uid,
          },
          hostPath: { path: `/simulated/${name}` },
          persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
          storageClassName: spec.storageClassName,
          volumeMode: spec.volumeMode ?? "Filesystem",
        },
      });
    } catch (error) {
      if (!(error instanceof KubeApiError && error.status === 409)) throw error;
    }
  }

  async #reclaim(volume: KubeObject): Promise<void> {
    const { phase } = (volume.status ?? {}) as { phase?: string };
    const policy = (volume.spec as { persistentVolumeReclaimPolicy?: string }).persistentVolumeReclaimPolicy;
    const ours = volume.metadata.annotations?.["pv.kubernetes.io/provisioned-by"] === provisioner;
    if (phase !== "Released" || policy !== "Delete" || !ours || volume.metadata.deletionTimestamp) return;
    try {
      await this.#client.delete(`/api/v1/persistentvolumes/${volume.metadata.name}`);
    } catch (error) {
      if (!(error instanceof KubeApiError && error.status === 404)) throw error;
    }
  }
}
