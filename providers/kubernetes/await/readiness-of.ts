import { messageOf } from "#core/errors.ts";
import { equalValues } from "#core/property-value.ts";
import { DaemonSetReadiness } from "#providers/kubernetes/await/daemon-set.ts";
import { DeploymentReadiness } from "#providers/kubernetes/await/deployment.ts";
import { IngressReadiness } from "#providers/kubernetes/await/ingress.ts";
import { JobReadiness } from "#providers/kubernetes/await/job.ts";
import { ObjectReadiness } from "#providers/kubernetes/await/object-readiness.ts";
import { objectStatus } from "#providers/kubernetes/await/object-status.ts";
import { PodReadiness } from "#providers/kubernetes/await/pod.ts";
import { kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import { ServiceReadiness } from "#providers/kubernetes/await/service.ts";
import { StatefulSetReadiness } from "#providers/kubernetes/await/stateful-set.ts";
import type { Cluster } from "#providers/kubernetes/client/cluster.ts";
import { kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { at, type KubernetesObject, nameOf, numberAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

const minute = 60_000;

/** The rule by which an object of this kind becomes ready; `undefined` for kinds that are as soon as they exist. */
export async function readinessOf(input: ReadinessInput, cluster: Cluster, awaitAll: boolean): Promise<Readiness | undefined> {
  const { group, kind } = kindOfObject(input.object);
  switch (`${group}/${kind}`) {
    case "apps/Deployment":
    case "extensions/Deployment":
      return new DeploymentReadiness(input);
    case "apps/StatefulSet":
      return new StatefulSetReadiness(input);
    case "apps/DaemonSet":
    case "extensions/DaemonSet":
      return new DaemonSetReadiness(input);
    case "batch/Job":
      return new JobReadiness(input);
    case "networking.k8s.io/Ingress":
    case "extensions/Ingress":
      return new IngressReadiness(input);
    case "/Pod":
      return new PodReadiness(input);
    case "/Service":
      return new ServiceReadiness(input);
    case "/PersistentVolume":
      return new ObjectReadiness(input, { limit: 5 * minute, isReady: (volume) => ["Available", "Bound"].includes(textAt(volume, "status", "phase")) });
    case "/PersistentVolumeClaim":
      return claimReadiness(input, cluster);
    case "/ReplicationController":
      return new ObjectReadiness(input, {
        limit: 10 * minute,
        isReady: (controller) => numberAt(controller, "spec", "replicas") === (numberAt(controller, "status", "availableReplicas") ?? 0),
      });
    case "/ResourceQuota":
      return new ObjectReadiness(input, { limit: minute, isReady: (quota) => equalValues(at(quota, "spec", "hard"), at(quota, "status", "hard")) });
    case "/Secret":
      if (textAt(input.object, "type") !== "kubernetes.io/service-account-token") return undefined;
      return new ObjectReadiness(input, { limit: 5000, isReady: (secret) => Object.keys(at(secret, "data") ?? {}).length > 0 });
    default:
      return awaitAll && !waitless.has(`${group}/${kind}`)
        ? new ObjectReadiness(input, {
            isReady: (object) => objectStatus(object).current,
            timeoutMessage: "timed out waiting for the condition",
          })
        : undefined;
  }
}

/** Kinds that are never waited for, even where everything else is. */
const waitless = new Set([
  "autoscaling/HorizontalPodAutoscaler",
  "/ConfigMap",
  "/LimitRange",
  "/ServiceAccount",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "rbac.authorization.k8s.io/Role",
  "rbac.authorization.k8s.io/RoleBinding",
  "storage.k8s.io/StorageClass",
]);

/** A new claim waits until it is bound, unless its class binds only when a pod comes. */
async function claimReadiness(input: ReadinessInput, cluster: Cluster): Promise<Readiness> {
  const binding = await bindingMode(input, cluster);
  const isReady = (claim: KubernetesObject) => {
    const phase = textAt(claim, "status", "phase");
    return phase === "Bound" || (phase === "Pending" && binding === "WaitForFirstConsumer");
  };
  return new ObjectReadiness(input, { limit: 5 * minute, isReady });
}

async function bindingMode(input: ReadinessInput, cluster: Cluster): Promise<string> {
  const name = textAt(input.object, "spec", "storageClassName");
  if (!name) {
    input.status(`no storage class found for "${nameOf(input.object)}"`, "warning");
    return "";
  }
  try {
    return textAt(await cluster.get(kinds.storageClass, "", name), "volumeBindingMode");
  } catch (error) {
    input.status(`getting storagclass "${name}": ${messageOf(error)}`, "warning");
    return "";
  }
}
