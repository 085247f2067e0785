import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "#core/errors.ts";
import { containsSecrets, containsUnknowns } from "#core/property-value.ts";
import { type CreateRequest, type CreateResponse, InitFailedError } from "#providers/contract.ts";
import { AwaitError } from "#providers/kubernetes/await/await-error.ts";
import { awaitReady } from "#providers/kubernetes/await/await-ready.ts";
import {
  ApiError,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isNamespaceNotFound,
  isNotFound,
  NoMatchError,
} from "#providers/kubernetes/client/api-error.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { removalMessage } from "#providers/kubernetes/deprecation.ts";
import { commonFieldManager, fieldManagerOf, forcesApply } from "#providers/kubernetes/field-manager.ts";
import { checkpointOf } from "#providers/kubernetes/model/checkpoint.ts";
import { apiVersionText, isPatch, kindOfObject, kindOfToken } from "#providers/kubernetes/model/kind.ts";
import { apiVersionOf, idOf, type KubernetesObject, nameOf, setAt } from "#providers/kubernetes/model/kubernetes-object.ts";
import { toObject } from "#providers/kubernetes/model/properties.ts";
import { uniqueName } from "#providers/kubernetes/naming.ts";
import { renderObject, renderPath } from "#providers/kubernetes/render.ts";

/** Pauses between attempts while a namespace or a definition of custom resources may still be on its way; half a minute in all. */
const retryPauses = [250, 500, 1000, 2000, 4000, 8000, 16_000];

/** Creates an object and waits until it is ready. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `Create` (v4.32.0). */
export async function createResource(context: ProviderContext, request: CreateRequest): Promise<CreateResponse> {
  const inputs = toObject(request.inputs);
  const asIs: CreateResponse = { id: "", outputs: request.inputs };
  if (request.preview && (await cannotPreview(context, request, inputs))) return asIs;
  const facts = { initialApiVersion: apiVersionOf(inputs), fieldManager: fieldManagerOf(context.settings, inputs) };
  if (context.rendering) {
    await render(context, request, inputs);
    return { id: idOf(inputs), outputs: checkpointOf(inputs, inputs, request.inputs, facts) };
  }
  context.reachable();

  let live: KubernetesObject;
  try {
    live = await send(context, request, inputs, facts.fieldManager);
  } catch (error) {
    if (request.preview && isExpectedInPreview(error, context)) return asIs;
    throw explained(error, request);
  }
  if (request.preview) {
    delete live.status;
    return { id: "", outputs: checkpointOf(inputs, live, request.inputs, facts) };
  }
  try {
    live = await awaitReady(context, { urn: request.urn, inputs, object: live, initialApiVersion: facts.initialApiVersion, timeout: request.timeout });
  } catch (error) {
    throw notReady(error, request, inputs, live, facts);
  }
  return { id: idOf(live), outputs: checkpointOf(inputs, live, request.inputs, facts) };
}

async function cannotPreview(context: ProviderContext, request: CreateRequest, inputs: KubernetesObject): Promise<boolean> {
  return containsUnknowns(inputs) || isPatch(request.type, inputs) || !context.settings.serverSideApply || !(await context.isServed(kindOfObject(inputs)));
}

async function render(context: ProviderContext, request: CreateRequest, inputs: KubernetesObject): Promise<void> {
  const folder = context.settings.renderToFolder;
  if (containsSecrets(request.inputs)) context.log("warning", request.urn, `rendered file ${renderPath(inputs, folder)} contains a secret value in plaintext`);
  context.status(request.urn, `rendered ${await renderObject(inputs, folder)}`);
}

/** Sends the object, again while what it needs isn't there yet. */
async function send(context: ProviderContext, request: CreateRequest, inputs: KubernetesObject, fieldManager: string): Promise<KubernetesObject> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await sendOnce(context, request, inputs, fieldManager);
    } catch (error) {
      const pause = retryPauses[attempt];
      const mayComeTrue = isNotFound(error) || error instanceof NoMatchError;
      if (!mayComeTrue || pause === undefined || (request.preview && isNamespaceNotFound(error)) || context.cancelled.aborted) throw error;
      const removal = error instanceof NoMatchError ? removalMessage(kindOfObject(inputs), context.reachable().version) : undefined;
      if (removal) throw new Error(removal, { cause: error });
      context.status(request.urn, `Retry #${attempt}; creation failed: ${messageOf(error)}`);
      await sleep(pause, undefined, { signal: context.cancelled }).catch(() => undefined);
    }
  }
}

async function sendOnce(context: ProviderContext, request: CreateRequest, inputs: KubernetesObject, fieldManager: string): Promise<KubernetesObject> {
  const { cluster } = context.reachable();
  const { settings } = context;
  if (!settings.serverSideApply || !(settings.upsertExistingObjects || isPatch(request.type, inputs)))
    // Always under the common name: the first update hands the fields over to the resource's own manager.
    return cluster.create(inputs, { fieldManager: commonFieldManager, dryRun: request.preview });
  const options = { fieldManager, dryRun: request.preview, force: forcesApply(settings, inputs, undefined, request.preview), fieldValidation: "Warn" } as const;
  try {
    return await cluster.apply(inputs, options);
  } catch (error) {
    if (isConflict(error)) throw applyConflict(error, fieldManager);
    if (!request.preview || !isInvalid(error) || !error.message.includes("field is immutable")) throw error;
    // A replacement can't be tried out under the name that is still taken.
    setAt(inputs, ["metadata", "name"], uniqueName(`${nameOf(inputs)}-`, Buffer.from(request.urn)));
    return cluster.apply(inputs, options);
  }
}

/** An apply that another manager stands in the way of. */
export function applyConflict(error: Error, fieldManager: string): Error {
  const guide =
    "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";
  return new Error(
    `server-side apply field conflict detected, see ${guide} for troubleshooting help\n` +
      `The resource managed by field manager "${fieldManager}" had an apply conflict: ${error.message}`,
    { cause: error },
  );
}

function isExpectedInPreview(error: unknown, context: ProviderContext): boolean {
  if (isForbidden(error) || isNamespaceNotFound(error)) return true;
  if (context.settings.serverSideApply && isAlreadyExists(error)) return true;
  return error instanceof ApiError && error.status === 400 && /does not support dry run|dryRun (alpha|beta) feature is disabled/.test(error.message);
}

function explained(error: unknown, request: CreateRequest): Error {
  if (error instanceof NoMatchError) {
    const kind = kindOfToken(request.type);
    return new Error(
      `creation of resource "${request.urn}" with kind ${apiVersionText(kind)}/${kind.kind} failed because the Kubernetes API server reported that the apiVersion ` +
        `for this resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
      { cause: error },
    );
  }
  const help = isAlreadyExists(error) ? alreadyExistsHelp : "";
  return new Error(`resource "${request.urn}" was not successfully created by the Kubernetes API server: ${messageOf(error)}${help}`, { cause: error });
}

const alreadyExistsHelp =
  "\n\nThe resource already exists in the cluster. This can happen when:\n\n" +
  "  - Renaming a Pulumi resource: use an alias to preserve the identity,\n" +
  "    or use deleteBeforeReplace if the resource needs replacement.\n" +
  "  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)\n" +
  "    to manage specific fields without owning the resource lifecycle.\n" +
  "  - Adopting a resource into Pulumi: use `pulumi import`. Note that\n" +
  "    protected resources (e.g. kube-system) cannot be deleted on destroy.\n" +
  "  - Intentional upsert: set upsertExistingObjects on the provider to allow\n" +
  "    server-side apply to update existing objects on create.";

function notReady(
  error: unknown,
  request: CreateRequest,
  inputs: KubernetesObject,
  created: KubernetesObject,
  facts: Parameters<typeof checkpointOf>[3],
): InitFailedError {
  const live = error instanceof AwaitError ? error.object : created;
  const message =
    `resource "${request.urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: ` +
    messageOf(error);
  const reasons = [message, ...(error instanceof AwaitError ? error.reasons : [])];
  return new InitFailedError(message, { id: idOf(live), outputs: checkpointOf(inputs, live, request.inputs, facts), reasons });
}
