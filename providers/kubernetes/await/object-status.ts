import { conditionOf, isTrue } from "#providers/kubernetes/await/pod.ts";
import { kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { at, generationOf, type KubernetesObject, numberAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

export interface ObjectStatus {
  /** The object is what its spec asks for. */
  readonly current: boolean;
  readonly message: string;
}

/** Whether an object of any kind has come to rest, by its status. After kubernetes-sigs/cli-utils:pkg/kstatus/status (v0.37). */
export function objectStatus(object: KubernetesObject): ObjectStatus {
  return generalStatus(object) ?? statusOfKind(object) ?? { current: true, message: "Resource is current" };
}

function waiting(message: string): ObjectStatus {
  return { current: false, message };
}

function generalStatus(object: KubernetesObject): ObjectStatus | undefined {
  if (textAt(object, "metadata", "deletionTimestamp")) return waiting("Resource scheduled for deletion");
  const observed = numberAt(object, "status", "observedGeneration");
  if (observed !== undefined && observed !== generationOf(object))
    return waiting(`${textAt(object, "kind")} generation is ${generationOf(object)}, but latest observed generation is ${observed}`);
  for (const type of ["Reconciling", "Stalled"]) {
    const condition = conditionOf(object, type);
    if (isTrue(condition)) return waiting(textAt(condition, "message"));
  }
  return undefined;
}

function statusOfKind(object: KubernetesObject): ObjectStatus | undefined {
  const { group, kind } = kindOfObject(object);
  const status = statusRules[`${group}/${kind}`];
  if (status) return status(object);
  const ready = conditionOf(object, "Ready");
  return ready && !isTrue(ready) ? waiting(textAt(ready, "message") || "Resource is not ready") : undefined;
}

const statusRules: Readonly<Record<string, (object: KubernetesObject) => ObjectStatus | undefined>> = {
  "apps/Deployment": (object) =>
    replicasStatus(object, { total: "replicas", updated: "updatedReplicas", available: "availableReplicas", ready: "readyReplicas" }),
  "apps/ReplicaSet": (object) => replicasStatus(object, { total: "replicas", available: "availableReplicas", ready: "readyReplicas" }),
  "apps/StatefulSet": (object) => replicasStatus(object, { total: "replicas", ready: "readyReplicas" }),
  "apps/DaemonSet": daemonSetStatus,
  "/PersistentVolumeClaim": (object) =>
    textAt(object, "status", "phase") === "Bound" ? undefined : waiting(`PVC is not Bound. phase: ${textAt(object, "status", "phase")}`),
  "/Service": (object) =>
    textAt(object, "spec", "type") === "LoadBalancer" && !textAt(object, "spec", "clusterIP")
      ? waiting("ClusterIP not set. Service type: LoadBalancer")
      : undefined,
  "/Pod": (object) =>
    isTrue(conditionOf(object, "Ready")) || textAt(object, "status", "phase") === "Succeeded"
      ? undefined
      : waiting(`Pod is in the ${textAt(object, "status", "phase")} phase`),
  "batch/Job": (object) => (textAt(object, "status", "startTime") ? undefined : waiting("Job not started")),
  "apiextensions.k8s.io/CustomResourceDefinition": (object) => (isTrue(conditionOf(object, "Established")) ? undefined : waiting("Install in progress")),
};

function replicasStatus(object: KubernetesObject, fields: Readonly<Record<string, string>>): ObjectStatus | undefined {
  if (at(object, "status", "observedGeneration") === undefined)
    return waiting(`${textAt(object, "kind")} generation is ${generationOf(object)}, but it isn't observed yet`);
  const wanted = numberAt(object, "spec", "replicas") ?? 1;
  for (const [what, field] of Object.entries(fields)) {
    const count = numberAt(object, "status", field) ?? 0;
    if (count < wanted) return waiting(`${what[0]?.toUpperCase()}${what.slice(1)}: ${count}/${wanted}`);
  }
  return undefined;
}

function daemonSetStatus(object: KubernetesObject): ObjectStatus | undefined {
  if (at(object, "status", "observedGeneration") === undefined) return waiting(`DaemonSet generation is ${generationOf(object)}, but it isn't observed yet`);
  const wanted = numberAt(object, "status", "desiredNumberScheduled");
  if (wanted === undefined) return waiting("Missing .status.desiredNumberScheduled");
  for (const [what, field] of [
    ["Current", "currentNumberScheduled"],
    ["Updated", "updatedNumberScheduled"],
    ["Available", "numberAvailable"],
    ["Ready", "numberReady"],
  ] as const) {
    const count = numberAt(object, "status", field) ?? 0;
    if (count < wanted) return waiting(`${what}: ${count}/${wanted}`);
  }
  return { current: true, message: `All replicas scheduled as expected. Replicas: ${wanted}` };
}
