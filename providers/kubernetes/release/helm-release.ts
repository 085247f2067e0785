import { isPropertyMap, type PropertyMap } from "#core/property-value.ts";
import { type ChartSource, type LocalChart, locateChart } from "#providers/kubernetes/helm/chart-source.ts";
import type { HelmCommand } from "#providers/kubernetes/helm/helm-command.ts";
import { decodeObjects } from "#providers/kubernetes/manifest/decode-yaml.ts";
import { kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { apiVersionOf, idOf, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** A release as Helm knows it. */
export interface LiveRelease {
  readonly config: PropertyMap;
  /** Kinds to the names of the release's objects. */
  readonly resourceNames: PropertyMap;
  readonly status: PropertyMap;
  readonly chart: string;
  readonly version: string;
}

const defaultSeconds = 300;

/** Finds the chart that a release's inputs mean. */
export async function releaseChart(helm: HelmCommand, inputs: PropertyMap): Promise<LocalChart> {
  const repository = isPropertyMap(inputs.repositoryOpts) ? inputs.repositoryOpts : {};
  const repo = textAt(repository, "repo");
  const chart = textAt(inputs, "chart").trim();
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(repo);
  const source: ChartSource = {
    chart: repo && !isUrl && !chart.includes("/") ? `${repo}/${chart}` : chart,
    version: textAt(inputs, "version").trim(),
    devel: inputs.devel === true,
    verify: inputs.verify === true,
    keyring: textAt(inputs, "keyring"),
    repo: isUrl && !chart.startsWith("oci://") ? repo : "",
    username: textAt(repository, "username"),
    password: textAt(repository, "password"),
    caFile: textAt(repository, "caFile"),
    certFile: textAt(repository, "certFile"),
    keyFile: textAt(repository, "keyFile"),
  };
  return locateChart(helm, source);
}

/** Installs a chart. Throws an `Error` with Helm's own complaint. */
export async function installRelease(helm: HelmCommand, inputs: PropertyMap): Promise<void> {
  const flags = [
    ...(inputs.disableWebhooks === true ? ["--no-hooks"] : []),
    ...(inputs.createNamespace === true ? ["--create-namespace"] : []),
    ...(inputs.skipCrds === true ? ["--skip-crds"] : []),
    ...(inputs.replace === true ? ["--replace"] : []),
    ...(inputs.disableOpenapiValidation === true ? ["--disable-openapi-validation"] : []),
  ];
  await runWrite(helm, "install", inputs, flags);
}

/** Upgrades a release. Throws an `Error` with Helm's own complaint. */
export async function upgradeRelease(helm: HelmCommand, inputs: PropertyMap): Promise<void> {
  const isHelm4 = (await helm.majorVersion()) >= 4;
  const flags = [
    "--history-max",
    String(typeof inputs.maxHistory === "number" ? inputs.maxHistory : 0),
    ...(inputs.disableCRDHooks === true ? ["--no-hooks"] : []),
    ...(inputs.forceUpdate === true ? [isHelm4 ? "--force-replace" : "--force"] : []),
    ...(inputs.resetValues === true ? ["--reset-values"] : []),
    ...(inputs.reuseValues === true ? ["--reuse-values"] : []),
    ...(inputs.cleanupOnFail === true ? ["--cleanup-on-fail"] : []),
  ];
  if (inputs.lint === true) await helm.run(["lint", (await releaseChart(helm, inputs)).path, "--values", await valuesFile(helm, inputs)]);
  await runWrite(helm, "upgrade", inputs, flags);
}

/** Removes a release; one that isn't there is fine. */
export async function uninstallRelease(helm: HelmCommand, inputs: PropertyMap): Promise<void> {
  const waits = inputs.atomic === true || inputs.skipAwait !== true;
  const args = ["uninstall", textAt(inputs, "name"), "--namespace", textAt(inputs, "namespace"), "--ignore-not-found"];
  await helm.run([...args, ...(waits ? ["--wait", "--timeout", timeout(inputs)] : []), ...(await helm.clusterArguments())]);
}

/** What Helm knows of a release; `undefined` when there is none. */
export async function readRelease(helm: HelmCommand, namespace: string, name: string): Promise<LiveRelease | undefined> {
  const from = [name, "--namespace", namespace, ...(await helm.clusterArguments())];
  try {
    const [metadata, values, manifest] = await Promise.all([
      helm.run(["get", "metadata", ...from, "--output", "json"]),
      helm.run(["get", "values", ...from, "--output", "json"]),
      helm.run(["get", "manifest", ...from]),
    ]);
    const facts = JSON.parse(metadata) as PropertyMap;
    return {
      config: (JSON.parse(values) as PropertyMap | null) ?? {},
      resourceNames: resourceNames(manifest),
      chart: textAt(facts, "chart"),
      version: textAt(facts, "version"),
      status: {
        appVersion: textAt(facts, "appVersion"),
        chart: textAt(facts, "chart"),
        name: textAt(facts, "name"),
        namespace: textAt(facts, "namespace"),
        revision: facts.revision ?? 1,
        status: textAt(facts, "status"),
        version: textAt(facts, "version"),
      },
    };
  } catch (error) {
    if ((error as Error).message.includes("release: not found")) return undefined;
    throw error;
  }
}

async function runWrite(helm: HelmCommand, verb: "install" | "upgrade", inputs: PropertyMap, flags: readonly string[]): Promise<void> {
  const isHelm4 = (await helm.majorVersion()) >= 4;
  if (inputs.recreatePods === true && isHelm4)
    throw new Error("recreatePods isn't known to Helm 4 any more: leave it out, or restart pods by a changing annotation");
  if (textAt(inputs, "postrender")) throw new Error("postrender isn't supported for releases: use kubernetes.helm.v4.Chart with a postRenderer");
  const { path } = await releaseChart(helm, inputs);
  const waits = inputs.skipAwait !== true;
  const args = [
    verb,
    textAt(inputs, "name"),
    path,
    "--namespace",
    textAt(inputs, "namespace"),
    "--values",
    await valuesFile(helm, inputs),
    "--timeout",
    timeout(inputs),
  ];
  // The plugin that this stands in for applies on the client's side, as Helm 3 does.
  if (isHelm4) args.push("--server-side=false");
  if (waits) args.push(isHelm4 ? "--wait=legacy" : "--wait");
  if (waits && inputs.waitForJobs === true) args.push("--wait-for-jobs");
  if (inputs.atomic === true) args.push(isHelm4 ? "--rollback-on-failure" : "--atomic");
  if (inputs.dependencyUpdate === true) args.push("--dependency-update");
  if (inputs.renderSubchartNotes === true) args.push("--render-subchart-notes");
  if (textAt(inputs, "description")) args.push("--description", textAt(inputs, "description"));
  await helm.run([...args, ...flags, ...(await helm.clusterArguments())]);
}

async function valuesFile(helm: HelmCommand, inputs: PropertyMap): Promise<string> {
  return helm.file("values.json", JSON.stringify(inputs.values ?? {}));
}

function timeout(inputs: PropertyMap): string {
  return `${typeof inputs.timeout === "number" && inputs.timeout > 0 ? inputs.timeout : defaultSeconds}s`;
}

function resourceNames(manifest: string): PropertyMap {
  const names: Record<string, string[]> = {};
  for (const object of decodeObjects(manifest)) {
    const { group, kind } = kindOfObject(object);
    const key = `${group ? `${kind}.${group}` : kind}/${apiVersionOf(object)}`;
    names[key] = [...new Set([...(names[key] ?? []), idOf(object)])].sort();
  }
  return names;
}
