import type { DeleteRequest } from "#providers/contract.ts";
import { awaitDeleted } from "#providers/kubernetes/await/await-deleted.ts";
import { timeoutMilliseconds } from "#providers/kubernetes/await/await-ready.ts";
import { isInvalid, isNotFound, NoMatchError } from "#providers/kubernetes/client/api-error.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { fieldManagerOf } from "#providers/kubernetes/field-manager.ts";
import { annotations, isTrue } from "#providers/kubernetes/model/annotations.ts";
import { parseCheckpoint } from "#providers/kubernetes/model/checkpoint.ts";
import { isPatch, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { annotationOf, type KubernetesObject, kindOf, namespaceOf, parseId } from "#providers/kubernetes/model/kubernetes-object.ts";
import { removeRendered } from "#providers/kubernetes/render.ts";
import { relinquish } from "#providers/kubernetes/update.ts";

/** Deletes an object and waits until it is gone; gives up the fields of a patch. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `Delete` (v4.32.0). */
export async function deleteResource(context: ProviderContext, request: DeleteRequest): Promise<void> {
  const stored = parseCheckpoint(request.oldOutputs);
  if (context.rendering) {
    context.status(request.urn, `deleted ${await removeRendered(stored.live, context.settings.renderToFolder)}`);
    return;
  }
  if (!context.connection.reachable) return whenUnreachable(context, request, context.connection.reason);
  try {
    if (context.settings.serverSideApply && isPatch(request.type, stored.inputs))
      await giveUpPatch(context, stored.live, fieldManagerOf(context.settings, stored.inputs, stored));
    else await deleteObject(context, request, stored.inputs, stored.live);
  } catch (error) {
    // Whose kind isn't served any more is gone with it.
    if (!isNotFound(error) && !(error instanceof NoMatchError)) throw error;
  }
}

function whenUnreachable(context: ProviderContext, request: DeleteRequest, reason: string): void {
  context.log("warning", request.urn, `configured Kubernetes cluster is unreachable: ${reason}`);
  if (!context.settings.deleteUnreachable)
    throw new Error(
      "configured Kubernetes cluster is unreachable. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation " +
        'with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  context.log(
    "info",
    request.urn,
    "configured Kubernetes cluster is unreachable and the `deleteUnreachable` option is enabled. Deleting the unreachable resource from Pulumi state",
  );
}

async function deleteObject(context: ProviderContext, request: DeleteRequest, inputs: KubernetesObject, live: KubernetesObject): Promise<void> {
  const { cluster } = context.reachable();
  const answer = await cluster.delete(kindOfObject(live), namespaceOf(live), parseId(request.id).name, propagationOf(inputs, live));
  // A status instead of the object says that it is gone already.
  if (kindOf(answer) === "Status" || skipsAwait(inputs)) return;
  await awaitDeleted(context, request.urn, answer, timeoutMilliseconds(request.timeout, inputs));
}

/**
 * As the annotation says, otherwise in the foreground: dependents go first. Kinds that nothing depends on go at once instead of waiting for the cluster's garbage
 * collector, which lets only some twenty objects a second pass.
 */
function propagationOf(inputs: KubernetesObject, live: KubernetesObject): "Orphan" | "Background" | "Foreground" {
  const policy = annotationOf(inputs, annotations.deletionPropagationPolicy).toLowerCase();
  if (policy === "orphan") return "Orphan";
  const { group, kind } = kindOfObject(live);
  return policy === "background" || (policy === "" && leafKinds.has(`${group}/${kind}`)) ? "Background" : "Foreground";
}

/** Built-in kinds that own no other objects. */
const leafKinds = new Set([
  "/ConfigMap",
  "/LimitRange",
  "/ResourceQuota",
  "/Secret",
  "/ServiceAccount",
  "autoscaling/HorizontalPodAutoscaler",
  "networking.k8s.io/IngressClass",
  "networking.k8s.io/NetworkPolicy",
  "policy/PodDisruptionBudget",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "rbac.authorization.k8s.io/Role",
  "rbac.authorization.k8s.io/RoleBinding",
  "scheduling.k8s.io/PriorityClass",
  "storage.k8s.io/StorageClass",
]);

/** `skipAwait` is about creation; for these kinds it also holds when they go. */
const skippable = new Set(["/Namespace", "/Pod", "apps/DaemonSet", "apps/Deployment", "apps/StatefulSet", "batch/Job", "/ReplicationController"]);

function skipsAwait(inputs: KubernetesObject): boolean {
  const { group, kind } = kindOfObject(inputs);
  return isTrue(inputs, annotations.skipAwait) && skippable.has(`${group}/${kind}`);
}

async function giveUpPatch(context: ProviderContext, live: KubernetesObject, fieldManager: string): Promise<void> {
  try {
    await relinquish(context.reachable().cluster, live, fieldManager);
  } catch (error) {
    const required =
      isInvalid(error) && error.message.includes("Required value") ? error.causes.find((cause) => cause.reason === "FieldValueRequired") : undefined;
    if (!required) throw error;
    throw new Error(
      "this Patch resource is currently managing a required field, so it can't be deleted directly. Either set the `retainOnDelete` resource option, or transfer " +
        `ownership of the field before deleting: ${required.field}`,
      { cause: error },
    );
  }
}
