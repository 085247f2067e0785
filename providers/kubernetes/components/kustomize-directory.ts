import type { ConstructRequest, ConstructResponse } from "#providers/contract.ts";
import { flagInput, plainInputs, textInput } from "#providers/kubernetes/components/component-inputs.ts";
import { registerComponent, registerObjects } from "#providers/kubernetes/components/register-objects.ts";
import { warnUnresolved } from "#providers/kubernetes/components/warn-unresolved.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { arrangeObjects } from "#providers/kubernetes/manifest/arrange-objects.ts";
import { decodeDocuments } from "#providers/kubernetes/manifest/decode-yaml.ts";

/** The component `kustomize/v2:Directory`. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/kustomize/v2/directory.go (v4.32.0). */
export async function constructDirectory(context: ProviderContext, request: ConstructRequest, version: string): Promise<ConstructResponse> {
  const component = await registerComponent(request);
  const inputs = plainInputs(request.inputs, ["directory", "namespace", "resourcePrefix", "skipAwait"]);
  if (!inputs) {
    context.log("warning", component, "Input properties have unknown values. Preview is incomplete.");
    return { urn: component, state: {}, stateDependencies: {} };
  }
  const manifest = await context
    .kustomize(textInput(inputs, "directory") ?? "", ["--load-restrictor", "LoadRestrictionsNone", "--enable-helm"])
    .catch((error: Error) => {
      throw new Error(`kustomize build error: ${error.message}`, { cause: error });
    });
  const arranged = await arrangeObjects(context, decodeDocuments(manifest), textInput(inputs, "namespace") || context.connection.defaultNamespace);
  warnUnresolved(context, component, arranged.unresolved);
  return registerObjects(request, component, arranged.objects, {
    resourcePrefix: textInput(inputs, "resourcePrefix") ?? request.name,
    skipAwait: flagInput(inputs, "skipAwait"),
    version,
  });
}
