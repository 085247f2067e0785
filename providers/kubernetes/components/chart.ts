import { Asset, isPropertyMap, type PropertyMap, type PropertyValue } from "#core/property-value.ts";
import type { ConstructRequest, ConstructResponse } from "#providers/contract.ts";
import { flagInput, plainInputs, textInput } from "#providers/kubernetes/components/component-inputs.ts";
import { registerComponent, registerObjects } from "#providers/kubernetes/components/register-objects.ts";
import { warnUnresolved } from "#providers/kubernetes/components/warn-unresolved.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { type ChartSource, locateChart } from "#providers/kubernetes/helm/chart-source.ts";
import { runProgram } from "#providers/kubernetes/helm/helm-command.ts";
import { renderChart } from "#providers/kubernetes/helm/render-chart.ts";
import { arrangeObjects } from "#providers/kubernetes/manifest/arrange-objects.ts";
import { decodeDocuments } from "#providers/kubernetes/manifest/decode-yaml.ts";
import { annotations } from "#providers/kubernetes/model/annotations.ts";
import { annotationOf, type KubernetesObject, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

const inputNames = (
  "name namespace chart version devel repositoryOpts dependencyUpdate verify keyring values valueYamlFiles skipCrds includeHooks postRenderer resourcePrefix " +
  "skipAwait plainHttp"
).split(" ");

/**
 * The component `helm.sh/v4:Chart`: a resource for every object that a chart renders to. Hooks are left out.
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/helm/v4/chart.go (v4.32.0).
 */
export async function constructChart(context: ProviderContext, request: ConstructRequest, version: string): Promise<ConstructResponse> {
  const component = await registerComponent(request);
  const inputs = plainInputs(request.inputs, inputNames);
  if (!inputs) {
    context.log("warning", component, "Input properties have unknown values. Preview is incomplete.");
    return { urn: component, state: {}, stateDependencies: {} };
  }
  const chart = await locateChart(context.helm, await chartSource(context, inputs));
  if (chart.metadata.deprecated) context.log("warning", component, `Using a deprecated Helm chart (${chart.metadata.name})`);
  const includeHooks = flagInput(inputs, "includeHooks");
  if (includeHooks && !context.rendering)
    context.log("warning", component, "includeHooks is only supported when the provider is configured with renderYamlToDirectory; Helm hooks will be ignored.");
  const namespace = textInput(inputs, "namespace") || context.connection.defaultNamespace || "default";
  const manifest = await renderChart(context.helm, context.connection, chart, {
    releaseName: textInput(inputs, "name") || request.name,
    namespace,
    values: isPropertyMap(inputs.values) ? inputs.values : {},
    valuesFiles: await Promise.all(assets(inputs.valueYamlFiles).map((asset) => assetPath(context, asset))),
    includeCrds: !flagInput(inputs, "skipCrds"),
    includeHooks: includeHooks && context.rendering,
    dependencyUpdate: flagInput(inputs, "dependencyUpdate"),
  });
  const rendered = decodeDocuments(await postRendered(context, inputs.postRenderer, manifest)).filter((object) => !isTestHook(object));
  const arranged = await arrangeObjects(context, rendered, namespace);
  warnUnresolved(context, component, arranged.unresolved);
  return registerObjects(request, component, arranged.objects, {
    resourcePrefix: textInput(inputs, "resourcePrefix") ?? request.name,
    skipAwait: flagInput(inputs, "skipAwait"),
    version,
    retains: (object) => {
      const policy = annotationOf(object, annotations.helmResourcePolicy);
      if (policy && policy !== "keep") context.log("warning", component, `Unsupported Helm resource policy "${policy}"`);
      return policy === "keep";
    },
  });
}

async function chartSource(context: ProviderContext, inputs: PropertyMap): Promise<ChartSource> {
  const repository: PropertyMap = isPropertyMap(inputs.repositoryOpts) ? inputs.repositoryOpts : {};
  const path = async (value: PropertyValue | undefined) =>
    value instanceof Asset ? await assetPath(context, value) : typeof value === "string" ? value : undefined;
  return {
    chart: textInput(inputs, "chart") ?? "",
    version: textInput(inputs, "version"),
    devel: flagInput(inputs, "devel"),
    verify: flagInput(inputs, "verify"),
    plainHttp: flagInput(inputs, "plainHttp"),
    repo: textInput(repository, "repo"),
    username: textInput(repository, "username"),
    password: textInput(repository, "password"),
    caFile: await path(repository.caFile),
    certFile: await path(repository.certFile),
    keyFile: await path(repository.keyFile),
    keyring: await path(inputs.keyring),
  };
}

function assets(value: PropertyValue | undefined): Asset[] {
  return Array.isArray(value) ? value.filter((entry) => entry instanceof Asset) : [];
}

async function assetPath(context: ProviderContext, asset: Asset): Promise<string> {
  if (asset.kind === "path") return asset.value;
  if (asset.kind === "text") return context.helm.file("asset", asset.value);
  if (asset.value.startsWith("file:")) return new URL(asset.value).pathname;
  const answer = await fetch(asset.value, { signal: AbortSignal.timeout(60_000) });
  if (!answer.ok) throw new Error(`failed to read uri "${asset.value}": it answered ${answer.status}`);
  return context.helm.file("asset", Buffer.from(await answer.arrayBuffer()));
}

function isTestHook(object: KubernetesObject): boolean {
  return annotationOf(object, annotations.helmHook)
    .split(",")
    .some((event) => event.trim().startsWith("test"));
}

/** Helm 4 knows post-renderers as plug-ins only, so the program is run here. */
async function postRendered(context: ProviderContext, postRenderer: PropertyValue | undefined, manifest: string): Promise<string> {
  const command = textAt(postRenderer, "command");
  if (!command) return manifest;
  const args = isPropertyMap(postRenderer) && Array.isArray(postRenderer.args) ? postRenderer.args.map(String) : [];
  return runProgram(command, args, {
    environment: context.helm.environment,
    folder: context.workingFolder,
    signal: context.cancelled,
    missing: `the post-renderer '${command}' can't be started`,
    input: manifest,
  });
}
