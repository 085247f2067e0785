import { containsSecrets, isPropertyMap } from "#core/property-value.ts";
import type { CheckRequest, CheckResponse } from "#providers/contract.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { deprecationWarning } from "#providers/kubernetes/deprecation.ts";
import { annotations } from "#providers/kubernetes/model/annotations.ts";
import { markSecrets } from "#providers/kubernetes/model/checkpoint.ts";
import { isCustomResourceDefinition, isListToken, isPatch, kindOfToken } from "#providers/kubernetes/model/kind.ts";
import { at, copyOf, type KubernetesObject, nameOf, setAt, setNamespace, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";
import { normalise } from "#providers/kubernetes/model/normalise.ts";
import { toObject } from "#providers/kubernetes/model/properties.ts";
import { adoptName, assignName, isGenerateNamed } from "#providers/kubernetes/naming.ts";

const managedBy = "app.kubernetes.io/managed-by";

/**
 * The inputs as they will be kept: normalised, named, in a namespace. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `Check` (v4.32.0).
 * Throws an `Error` for inputs that no kind of object can have.
 */
export async function checkResource(context: ProviderContext, request: CheckRequest): Promise<CheckResponse> {
  const { settings, connection } = context;
  if (!connection.reachable && settings.skipUpdateUnreachable && !context.rendering) {
    context.log("warning", request.urn, "Cluster is unreachable but skipUpdateUnreachable flag is set to true, skipping...");
    return { inputs: request.olds ?? {}, failures: [] };
  }
  if (isListToken(request.type))
    throw new Error(
      "list resources exist for compatibility with YAML manifests and Helm charts, and cannot be created directly. Use the underlying resource type instead",
    );
  const old = request.olds && Object.keys(request.olds).length ? toObject(request.olds) : undefined;
  const object = normalise(toObject(request.news));
  checkPatch(context, request.type, object);
  warnOfAnnotations(context, request, object);
  nameObject(context, request, object, old);

  const kind = kindOfToken(request.type);
  if (connection.reachable) {
    const warning = deprecationWarning(kind, connection.version);
    if (warning && (warning.removed || !settings.suppressDeprecationWarnings)) context.log("warning", request.urn, warning.message);
  }
  // A kind that nobody knows yet is taken for a namespaced one.
  if (connection.defaultNamespace && !at(object, "metadata", "namespace") && (await context.isNamespaced(kind)) !== false)
    setNamespace(object, connection.defaultNamespace);
  if (isCustomResourceDefinition(object)) context.define(object);

  const inputs = copyOf(object);
  markSecrets(inputs, request.news);
  if (context.rendering && containsSecrets(inputs)) context.log("warning", request.urn, "rendered YAML will contain a secret value in plaintext");
  return { inputs, failures: [] };
}

function checkPatch(context: ProviderContext, token: string, object: KubernetesObject): void {
  if (!isPatch(token, object)) return;
  if (!context.settings.serverSideApply)
    throw new Error("patch resources require Server-Side Apply mode, which is enabled using the `enableServerSideApply` Provider config");
  if (!nameOf(object)) throw new Error("patch resources require the `.metadata.name` field to be set");
}

function nameObject(context: ProviderContext, request: CheckRequest, object: KubernetesObject, old: KubernetesObject | undefined): void {
  if (old) adoptName(object, old);
  else assignName(object, request);
  const labelled = old ? textAt(old, "metadata", "labels", managedBy) === context.settings.managedByLabel : !context.settings.serverSideApply;
  const labels = at(object, "metadata", "labels");
  if (labelled && (labels === undefined || isPropertyMap(labels))) setAt(object, ["metadata", "labels", managedBy], context.settings.managedByLabel);
  if (!isGenerateNamed(object)) return;
  if (context.settings.serverSideApply) throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
  if (context.rendering) throw new Error("the `.metadata.generateName` field is not supported in YAML rendering mode");
}

function warnOfAnnotations(context: ProviderContext, request: CheckRequest, object: KubernetesObject): void {
  const given = at(object, "metadata", "annotations");
  if (!isPropertyMap(given)) return;
  let hooked = false;
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith(annotations.autonamed)) context.log("warning", request.urn, `ignoring user-specified value for internal annotation "${key}"`);
    hooked ||= key.startsWith(annotations.helmHook) && typeof value === "string" && value.includes("test");
  }
  if (hooked && !context.settings.suppressHelmHookWarnings)
    context.log(
      "warning",
      request.urn,
      "This resource contains Helm hooks that are not currently supported by Pulumi. The resource will be created, but any hooks will not be executed. " +
        "Hooks support is tracked at https://github.com/pulumi/pulumi-kubernetes/issues/555 -- This warning can be disabled by setting " +
        "the PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS environment variable",
    );
}
