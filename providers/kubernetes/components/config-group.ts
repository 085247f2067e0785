import { isPropertyMap, unknown } from "#core/property-value.ts";
import type { ConstructRequest, ConstructResponse } from "#providers/contract.ts";
import { flagInput, plainInputs, textInput } from "#providers/kubernetes/components/component-inputs.ts";
import { registerComponent, registerObjects } from "#providers/kubernetes/components/register-objects.ts";
import { warnUnresolved } from "#providers/kubernetes/components/warn-unresolved.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { arrangeObjects } from "#providers/kubernetes/manifest/arrange-objects.ts";
import { decodeDocuments } from "#providers/kubernetes/manifest/decode-yaml.ts";
import { readManifests } from "#providers/kubernetes/manifest/read-manifests.ts";
import { toObject } from "#providers/kubernetes/model/properties.ts";

const inputNames = ["file", "files", "yaml", "objs", "resourcePrefix", "skipAwait"];

/**
 * The components `yaml/v2:ConfigFile` (one file) and `yaml/v2:ConfigGroup` (files with patterns, text and objects).
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/yaml/v2 (v4.32.0).
 */
export async function constructConfigGroup(context: ProviderContext, request: ConstructRequest, version: string): Promise<ConstructResponse> {
  const component = await registerComponent(request);
  const inputs = plainInputs(request.inputs, inputNames);
  if (!inputs) {
    context.log("warning", component, `${request.type}:${request.name} -- Required input properties have unknown values. Preview is incomplete.\n`);
    return { urn: component, state: { resources: unknown }, stateDependencies: {} };
  }
  const file = textInput(inputs, "file");
  const patterns = (Array.isArray(inputs.files) ? inputs.files : [inputs.files]).filter((entry) => typeof entry === "string");
  const texts = file === undefined ? await readManifests(patterns, true, context.workingFolder) : await readManifests([file], false, context.workingFolder);
  const objects = [...texts, textInput(inputs, "yaml") ?? ""].flatMap((text) => decoded(text));
  if (Array.isArray(inputs.objs)) objects.push(...inputs.objs.filter(isPropertyMap).map(toObject));

  const arranged = await arrangeObjects(context, objects, context.connection.defaultNamespace);
  warnUnresolved(context, component, arranged.unresolved);
  return registerObjects(request, component, arranged.objects, {
    resourcePrefix: textInput(inputs, "resourcePrefix") ?? request.name,
    skipAwait: flagInput(inputs, "skipAwait"),
    version,
  });
}

function decoded(text: string) {
  try {
    return decodeDocuments(text);
  } catch (error) {
    throw new Error(`decoding YAML: ${(error as Error).message}`, { cause: error });
  }
}
