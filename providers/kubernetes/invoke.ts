import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type PropertyMap, type PropertyValue, unwrapSecrets } from "#core/property-value.ts";
import { type InvokeRequest, type InvokeResponse, ProviderError } from "#providers/contract.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { locateChart } from "#providers/kubernetes/helm/chart-source.ts";
import { renderChart } from "#providers/kubernetes/helm/render-chart.ts";
import { decodeObjects } from "#providers/kubernetes/manifest/decode-yaml.ts";
import { annotations } from "#providers/kubernetes/model/annotations.ts";
import { kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { annotationOf, type KubernetesObject, listAt, namespaceOf, setNamespace, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** The functions behind the SDK's older components, which register a manifest's objects from within the program. */
export async function invokeFunction(context: ProviderContext, request: InvokeRequest): Promise<InvokeResponse> {
  const args = unwrapSecrets(request.args);
  const result = await resultOf(context, request.token, args);
  return { result: { result }, failures: [] };
}

async function resultOf(context: ProviderContext, token: string, args: PropertyMap): Promise<PropertyValue[]> {
  switch (token) {
    case "kubernetes:yaml:decode":
      return decode(context, required(args, "text"), textAt(args, "defaultNamespace"));
    case "kubernetes:helm:template":
      return template(context, parseOptions(required(args, "jsonOpts")));
    case "kubernetes:kustomize:directory":
      return kustomize(context, required(args, "directory"));
    default:
      throw new ProviderError("invalid-argument", `unknown Invoke type "${token}"`);
  }
}

function required(args: PropertyMap, key: string): string {
  const value = args[key];
  if (typeof value !== "string") throw new ProviderError("invalid-argument", `missing required field '${key}' of type string`);
  return value;
}

async function decode(context: ProviderContext, text: string, defaultNamespace: string): Promise<KubernetesObject[]> {
  const objects = decodeObjects(text);
  for (const object of objects)
    if (defaultNamespace && !namespaceOf(object) && (await context.isNamespaced(kindOfObject(object))) !== false) setNamespace(object, defaultNamespace);
  return objects;
}

async function kustomize(context: ProviderContext, directory: string): Promise<KubernetesObject[]> {
  const text = await context.kustomize(directory, []).catch((error: Error) => {
    throw new Error(`kustomize failed for directory "${directory}": ${error.message}`, { cause: error });
  });
  return decode(context, text, "");
}

function parseOptions(json: string): PropertyMap {
  try {
    return JSON.parse(json) as PropertyMap;
  } catch (error) {
    throw new Error(`failed to unmarshal 'jsonOpts': ${(error as Error).message}`, { cause: error });
  }
}

/** `helm template` as `helm.sh/v3:Chart` wants it: hooks are ordinary objects, test hooks left out unless asked for. */
async function template(context: ProviderContext, options: PropertyMap): Promise<KubernetesObject[]> {
  const namespace = textAt(options, "namespace") || "default";
  try {
    const chart = await locateChart(context.helm, chartSource(options, context.workingFolder));
    const manifest = await renderChart(context.helm, context.connection, chart, {
      releaseName: textAt(options, "release_name") || "release-name",
      namespace,
      values: (options.values ?? {}) as PropertyMap,
      includeCrds: options.skip_crd_rendering !== true,
      includeHooks: true,
      kubeVersion: textAt(options, "kube_version"),
      apiVersions: listAt(options, "api_versions").map(String),
    });
    const objects = await decode(context, manifest, textAt(options, "namespace"));
    return options.include_test_hook_resources === true ? objects : objects.filter((object) => !/test/.test(annotationOf(object, annotations.helmHook)));
  } catch (error) {
    throw new Error(`failed to generate YAML for specified Helm chart: ${(error as Error).message}`, { cause: error });
  }
}

function chartSource(options: PropertyMap, folder: string) {
  const fetchOptions = (options.fetch_opts ?? {}) as PropertyMap;
  const name = textAt(options, "chart");
  const path = textAt(options, "path");
  const repository = textAt(options, "repo");
  if (/^http/.test(repository))
    throw new Error("'repo' option specifies the name of the Helm Chart repo, not the URL. Use 'fetchOpts.repo' to specify a URL for a remote Chart");
  const url = textAt(fetchOptions, "repo");
  const prefixed = repository && !url && !name.startsWith("oci://") && !name.startsWith(`${repository}/`) ? `${repository.replace(/\/$/, "")}/${name}` : name;
  const inPath = path && name ? join(path, basename(name)) : path;
  return {
    chart: path ? (existsSync(resolve(folder, inPath)) ? inPath : path) : prefixed,
    version: textAt(options, "version") || textAt(fetchOptions, "version"),
    devel: options.devel === true || fetchOptions.devel === true,
    verify: fetchOptions.verify === true,
    repo: url,
    username: textAt(fetchOptions, "username"),
    password: textAt(fetchOptions, "password"),
    caFile: textAt(fetchOptions, "ca_file"),
    certFile: textAt(fetchOptions, "cert_file"),
    keyFile: textAt(fetchOptions, "key_file"),
    keyring: textAt(fetchOptions, "keyring"),
  };
}
