import type { PropertyMap } from "#core/property-value.ts";
import { InitFailedError, type ReadRequest, type ReadResponse } from "#providers/contract.ts";
import { AwaitError } from "#providers/kubernetes/await/await-error.ts";
import { checkReady } from "#providers/kubernetes/await/await-ready.ts";
import { isNotFound, NoMatchError } from "#providers/kubernetes/client/api-error.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { fieldManagerOf } from "#providers/kubernetes/field-manager.ts";
import { annotations } from "#providers/kubernetes/model/annotations.ts";
import { checkpointOf, markSecrets, parseCheckpoint } from "#providers/kubernetes/model/checkpoint.ts";
import { apiVersionText, isBuiltIn, isPatch, type Kind, kindOfObject, kindOfToken } from "#providers/kubernetes/model/kind.ts";
import { apiVersionOf, copyOf, type KubernetesObject, kindOf, namespaceOf, parseId, removeAt, setAt } from "#providers/kubernetes/model/kubernetes-object.ts";
import { normalise } from "#providers/kubernetes/model/normalise.ts";
import { toObject } from "#providers/kubernetes/model/properties.ts";
import { prune } from "#providers/kubernetes/model/prune.ts";

const gone: ReadResponse = { id: undefined, inputs: undefined, outputs: {} };

/**
 * Reads the live object. A resource with known inputs keeps their shape, with live values; otherwise, in an import, everything of a built-in kind but the status is taken for inputs.
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `Read` (v4.32.0).
 */
export async function readResource(context: ProviderContext, request: ReadRequest): Promise<ReadResponse> {
  const unreachable = whenUnreachable(context, request);
  if (unreachable) return unreachable;
  const { namespace, name } = parseId(request.id);
  if (!name) throw new Error(`failed to read resource because of a failure to parse resource name from request ID: ${request.id}`);
  const stored = parseCheckpoint(request.outputs);
  const known = normalise(toObject(request.inputs));
  const { kind, importing } = identify(request, known, stored.live);
  complete(known, kind, namespace, name);
  const facts = {
    initialApiVersion: stored.initialApiVersion ?? apiVersionOf(known),
    fieldManager: fieldManagerOf(context.settings, known, stored),
  };
  if (context.rendering) return { id: request.id, inputs: request.inputs, outputs: checkpointOf(known, stored.live, request.outputs, facts) };

  const { cluster } = context.reachable();
  let live: KubernetesObject;
  try {
    live = await cluster.get(kind, namespaceOf(known), name);
  } catch (error) {
    if (isNotFound(error) || error instanceof NoMatchError) return gone;
    throw error;
  }
  const inputs = importing ? importedInputs(live, known) : prune(live, known);
  const outputs = checkpointOf(inputs, live, request.inputs, facts);
  const answeredInputs = copyOf(inputs);
  markSecrets(answeredInputs, request.inputs);
  if (!importing) await checkAwaited(context, request, known, live, facts.initialApiVersion, answeredInputs, outputs);
  return { id: request.id, inputs: answeredInputs, outputs };
}

function whenUnreachable(context: ProviderContext, request: ReadRequest): ReadResponse | undefined {
  const { connection, settings } = context;
  if (connection.reachable) return undefined;
  context.log("warning", request.urn, `configured Kubernetes cluster is unreachable: ${connection.reason}`);
  if (settings.deleteUnreachable) {
    context.log(
      "info",
      request.urn,
      "configured Kubernetes cluster is unreachable and the `deleteUnreachable` option is enabled. Deleting the unreachable resource from Pulumi state",
    );
    return gone;
  }
  if (settings.skipUpdateUnreachable) {
    context.log(
      "info",
      request.urn,
      "configured Kubernetes cluster is unreachable and the `skipUnreachable` option is enabled. Returned data could not reflect the actual cluster configuration.",
    );
    return { id: request.id, inputs: request.inputs, outputs: request.outputs };
  }
  throw new Error(
    "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation " +
      'with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
  );
}

/** The kind to ask for. Nothing known but the id means that the resource is being imported or looked up. */
function identify(request: ReadRequest, known: KubernetesObject, live: KubernetesObject): { kind: Kind; importing: boolean } {
  if (apiVersionOf(known) || kindOf(known)) return { kind: kindOfObject(known), importing: false };
  if (apiVersionOf(live) || kindOf(live)) return { kind: kindOfObject(live), importing: false };
  const kind = kindOfToken(request.type);
  // A patch is of an object whose kind is the token's, less the suffix.
  return {
    kind: isPatch(request.type, { kind: kind.kind.replace(/Patch$/, "") }) ? { ...kind, kind: kind.kind.replace(/Patch$/, "") } : kind,
    importing: true,
  };
}

function complete(known: KubernetesObject, kind: Kind, namespace: string, name: string): void {
  if (!apiVersionOf(known) && !kindOf(known)) {
    known.apiVersion = apiVersionText(kind);
    known.kind = kind.kind;
    setAt(known, ["metadata", "name"], name);
    if (namespace) setAt(known, ["metadata", "namespace"], namespace);
  }
}

const notInputs = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"];

/** Of a custom resource nothing says what inputs are, so only its identity is taken. */
function importedInputs(live: KubernetesObject, identity: KubernetesObject): PropertyMap {
  if (!isBuiltIn(apiVersionOf(live))) return prune(live, identity);
  const { status: _, ...inputs } = copyOf(live);
  for (const key of notInputs) removeAt(inputs, ["metadata", key]);
  for (const annotation of ["deployment.kubernetes.io/revision", annotations.lastApplied]) removeAt(inputs, ["metadata", "annotations", annotation]);
  return inputs;
}

async function checkAwaited(
  context: ProviderContext,
  request: ReadRequest,
  known: KubernetesObject,
  live: KubernetesObject,
  initialApiVersion: string,
  inputs: PropertyMap,
  outputs: PropertyMap,
): Promise<void> {
  try {
    await checkReady(context, { urn: request.urn, inputs: known, object: live, initialApiVersion });
  } catch (error) {
    if (!(error instanceof AwaitError)) throw error;
    throw new InitFailedError(error.message, { id: request.id, inputs, outputs, reasons: [error.message, ...error.reasons] });
  }
}
