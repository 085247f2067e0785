import { isConfigMap, isSecret, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { at, type KubernetesObject } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Whether data may change in place where Kubernetes itself allows it. */
export interface Mutability {
  readonly configMapMutable: boolean;
  readonly secretMutable: boolean;
}

/** A change of these always replaces: they identify the object. */
export const identityPaths: readonly string[] = ["metadata.name", "metadata.namespace"];

const selector = ["spec.selector"];
const statefulSet = ["spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"];
const job = ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"];
const roleRef = ["roleRef"];

const podFields =
  "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID hostname imagePullSecrets nodeName " +
  "nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates restartPolicy runtimeClassName schedulerName securityContext " +
  "serviceAccount serviceAccountName shareProcessNamespace subdomain terminationGracePeriodSeconds volumes";
const containerFields =
  "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext stdin stdinOnce terminationMessagePath " +
  "terminationMessagePolicy tty volumeDevices volumeMounts workingDir";
const volumeSources =
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs hostPath iscsi local nfs photonPersistentDisk " +
  "portworxVolume quobyte rbd scaleIO storageos vsphereVolume";

/**
 * Paths whose change replaces an object, by `group/version/Kind`; `[*]` stands for every item.
 * pulumi/pulumi-kubernetes:provider/pkg/provider/diff.go (v4.32.0) decides the same.
 */
const pathsOfKinds: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": selector,
  "apps/v1/Deployment": selector,
  "apps/v1/StatefulSet": statefulSet,
  "apps/v1beta1/StatefulSet": statefulSet,
  "apps/v1beta2/DaemonSet": selector,
  "apps/v1beta2/Deployment": selector,
  "apps/v1beta2/StatefulSet": statefulSet,
  "batch/v1/Job": job,
  "batch/v1beta1/Job": job,
  "batch/v2alpha1/Job": job,
  "policy/v1beta1/PodDisruptionBudget": ["spec"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": roleRef,
  "rbac.authorization.k8s.io/v1/RoleBinding": roleRef,
  "rbac.authorization.k8s.io/v1alpha1/ClusterRoleBinding": roleRef,
  "rbac.authorization.k8s.io/v1alpha1/RoleBinding": roleRef,
  "rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding": roleRef,
  "rbac.authorization.k8s.io/v1beta1/RoleBinding": roleRef,
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "/v1/PersistentVolume": under("spec", volumeSources),
  "/v1/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "/v1/Pod": [...under("spec", podFields), ...under("spec.containers[*]", containerFields), ...under("spec.initContainers[*]", containerFields)],
  "/v1/ResourceQuota": ["spec.scopes"],
  "/v1/Secret": ["type"],
  "/v1/Service": ["spec.clusterIP"],
};

/** The paths whose change replaces this object. */
export function forceNewPaths(object: KubernetesObject, mutability: Mutability): readonly string[] {
  const { group, version, kind } = kindOfObject(object);
  const immutable = at(object, "immutable") === true;
  if (isSecret(object) && version === "v1" && (!mutability.secretMutable || immutable)) return [...identityPaths, "type", "stringData", "data"];
  if (isConfigMap(object) && version === "v1" && (!mutability.configMapMutable || immutable)) return [...identityPaths, "binaryData", "data"];
  return [...identityPaths, ...(pathsOfKinds[`${group}/${version}/${kind}`] ?? [])];
}

function under(prefix: string, names: string): string[] {
  return names.split(" ").map((name) => `${prefix}.${name}`);
}
