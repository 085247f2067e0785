import { messageOf } from "#core/errors.ts";
import { containsSecrets, containsUnknowns, isPropertyMap, type PropertyMap, type PropertyValue, setOwn } from "#core/property-value.ts";
import { InitFailedError, type UpdateRequest, type UpdateResponse } from "#providers/contract.ts";
import { AwaitError } from "#providers/kubernetes/await/await-error.ts";
import { awaitReady } from "#providers/kubernetes/await/await-ready.ts";
import { isConflict, isForbidden, NoMatchError } from "#providers/kubernetes/client/api-error.ts";
import type { Cluster } from "#providers/kubernetes/client/cluster.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { applyConflict } from "#providers/kubernetes/create.ts";
import { fieldManagerOf, forcesApply } from "#providers/kubernetes/field-manager.ts";
import { keepIgnored } from "#providers/kubernetes/ignore-changes.ts";
import { annotations } from "#providers/kubernetes/model/annotations.ts";
import { checkpointOf, parseCheckpoint } from "#providers/kubernetes/model/checkpoint.ts";
import { isCustomResourceDefinition, isPatch, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import {
  annotationOf,
  apiVersionOf,
  at,
  copyOf,
  idOf,
  type KubernetesObject,
  nameOf,
  namespaceOf,
  setAt,
  setNamespace,
} from "#providers/kubernetes/model/kubernetes-object.ts";
import { adoptManagedFields } from "#providers/kubernetes/model/managed-fields.ts";
import { mergePatch } from "#providers/kubernetes/model/merge-patch.ts";
import { normalise } from "#providers/kubernetes/model/normalise.ts";
import { toObject } from "#providers/kubernetes/model/properties.ts";
import { prune } from "#providers/kubernetes/model/prune.ts";
import { renderObject, renderPath } from "#providers/kubernetes/render.ts";

/** How often a write is repeated that somebody else's write came in between. */
const attempts = 5;

/** Updates an object and waits until it is ready. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `Update` (v4.32.0). */
export async function updateResource(context: ProviderContext, request: UpdateRequest): Promise<UpdateResponse> {
  if (!request.preview && !context.rendering) context.reachable();
  const inputs = normalise(toObject(request.news));
  if (request.preview && (containsUnknowns(inputs) || !(await context.isServed(kindOfObject(inputs))))) return { outputs: request.news };
  const stored = parseCheckpoint(request.oldOutputs);
  const facts = {
    initialApiVersion: stored.initialApiVersion ?? apiVersionOf(stored.inputs),
    fieldManager: fieldManagerOf(context.settings, inputs, stored),
  };
  if (context.rendering) {
    await render(context, request, inputs);
    return { outputs: checkpointOf(inputs, inputs, request.news, facts) };
  }

  const { cluster } = context.reachable();
  let live: KubernetesObject;
  try {
    const before = await cluster.get(kindOfObject(inputs), namespaceOf(inputs), nameOf(stored.live));
    live = await write(context, request, inputs, before, facts.fieldManager);
    if (!request.preview)
      live = await awaitReady(context, {
        urn: request.urn,
        inputs,
        object: live,
        previous: before,
        initialApiVersion: facts.initialApiVersion,
        timeout: request.timeout,
      });
  } catch (error) {
    if (request.preview && isForbidden(error)) return { outputs: request.news };
    throw await failure(cluster, request, error, stored.live, (seen) => checkpointOf(inputs, seen, request.news, facts));
  }
  const former = fieldManagerOf(context.settings, stored.inputs, stored);
  if (!request.preview && context.settings.serverSideApply && stored.fieldManager !== undefined && former !== facts.fieldManager)
    await relinquish(cluster, live, former);
  return { outputs: checkpointOf(inputs, live, request.news, facts) };
}

async function render(context: ProviderContext, request: UpdateRequest, inputs: KubernetesObject): Promise<void> {
  const folder = context.settings.renderToFolder;
  if (containsSecrets(request.news)) context.status(request.urn, `rendered file ${renderPath(inputs, folder)} contains a secret value in plaintext`, "warning");
  context.status(request.urn, `rendered ${await renderObject(inputs, folder)}`);
}

/** Gives up a manager's fields: an apply of nothing but the identity. */
export async function relinquish(cluster: Cluster, object: KubernetesObject, fieldManager: string): Promise<void> {
  const identity: PropertyMap = { apiVersion: apiVersionOf(object), kind: kindOfObject(object).kind, metadata: { name: nameOf(object) } };
  if (namespaceOf(object)) setNamespace(identity, namespaceOf(object));
  await cluster.apply(identity, { fieldManager, force: false });
}

/** Sends the update. Afterwards `inputs` are what was sent: ignored fields have their live values, as the state has to remember. */
async function write(context: ProviderContext, request: UpdateRequest, inputs: KubernetesObject, before: KubernetesObject, fieldManager: string) {
  const { cluster } = context.reachable();
  const dryRun = request.preview;
  if (isCustomResourceDefinition(inputs)) {
    // Replaced as a whole: a definition's lists don't merge.
    const whole = copyOf(inputs);
    setAt(whole, ["metadata", "resourceVersion"], at(before, "metadata", "resourceVersion") ?? "");
    return cluster.replace(whole, { fieldManager, dryRun });
  }
  if (!context.settings.serverSideApply) {
    keepIgnored(inputs, before, request.ignoreChanges, undefined);
    return cluster.patch(before, clientSidePatch(request, inputs, before), "merge-patch", { fieldManager, dryRun });
  }
  const ours = dryRun || isPatch(request.type, inputs) ? before : await takeOver(cluster, before, fieldManager);
  keepIgnored(inputs, ours, request.ignoreChanges, fieldManager);
  try {
    return await cluster.apply(inputs, { fieldManager, dryRun, force: forcesApply(context.settings, inputs, ours, dryRun) });
  } catch (error) {
    throw isConflict(error) ? applyConflict(error, fieldManager) : error;
  }
}

/** Hands the fields of former managers over to the resource's own, so that applying them is no conflict. */
async function takeOver(cluster: Cluster, object: KubernetesObject, fieldManager: string): Promise<KubernetesObject> {
  let current = object;
  for (let attempt = 1; ; attempt++) {
    const managedFields = adoptManagedFields(current, fieldManager);
    if (!managedFields) return current;
    const patch: PropertyValue = [
      { op: "replace", path: "/metadata/managedFields", value: managedFields },
      { op: "replace", path: "/metadata/resourceVersion", value: at(current, "metadata", "resourceVersion") ?? "" },
    ];
    try {
      return await cluster.patch(current, patch, "json-patch");
    } catch (error) {
      if (!isConflict(error) || attempt >= attempts) throw error;
      current = await cluster.get(kindOfObject(current), namespaceOf(current), nameOf(current));
    }
  }
}

/**
 * What makes the new inputs out of the live object, without what the old inputs had and the new ones haven't. Lists are replaced as a whole, where the genuine plugin
 * merges those of built-in kinds by key.
 */
function clientSidePatch(request: UpdateRequest, inputs: KubernetesObject, live: KubernetesObject): PropertyMap {
  const stored = parseCheckpoint(request.oldOutputs);
  const shape = merged(normalise(stored.inputs), inputs);
  if (annotationOf(live, annotations.lastApplied)) setAt(shape, ["metadata", "annotations", annotations.lastApplied], "");
  return mergePatch(prune(live, shape), inputs);
}

function merged(a: PropertyMap, b: PropertyMap): PropertyMap {
  const result = copyOf(a);
  for (const [key, value] of Object.entries(b)) {
    const other = result[key];
    setOwn(result, key, isPropertyMap(other) && isPropertyMap(value) ? merged(other, value) : copyOf(value));
  }
  return result;
}

async function failure(
  cluster: Cluster,
  request: UpdateRequest,
  error: unknown,
  last: KubernetesObject,
  outputsOf: (live: KubernetesObject) => PropertyMap,
): Promise<Error> {
  if (error instanceof NoMatchError)
    return new Error(
      `update of resource "${request.urn}" failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. ` +
        `Verify that any required CRDs have been created: ${error.message}`,
      { cause: error },
    );
  let live: KubernetesObject;
  try {
    live = await cluster.get(kindOfObject(last), namespaceOf(last), nameOf(last));
  } catch (readError) {
    return new Error(`update of resource "${request.urn}" failed: ${messageOf(error)}\nunable to get cluster state: ${messageOf(readError)}`, { cause: error });
  }
  const message = `the Kubernetes API server reported that "${idOf(live)}" failed to fully initialize or become live: ${messageOf(error)}`;
  const reasons = [message, ...(error instanceof AwaitError ? error.reasons : [])];
  return new InitFailedError(message, { id: idOf(live), outputs: outputsOf(live), reasons });
}
