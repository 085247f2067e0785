import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PropertyMap } from "#core/property-value.ts";
import type { Connection } from "#providers/kubernetes/connection.ts";
import { type LocalChart, looksUp } from "#providers/kubernetes/helm/chart-source.ts";
import type { HelmCommand } from "#providers/kubernetes/helm/helm-command.ts";

export interface RenderRequest {
  readonly releaseName: string;
  readonly namespace: string;
  readonly values: PropertyMap;
  /** Paths of YAML files that `values` add to and override. */
  readonly valuesFiles?: readonly string[];
  readonly includeCrds: boolean;
  readonly includeHooks: boolean;
  readonly dependencyUpdate?: boolean;
  /** Instead of the cluster's. */
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
}

/** Renders a chart for the cluster, or for none if none is reachable; answers the manifest. Throws an `Error` with helm's own complaint. */
export async function renderChart(helm: HelmCommand, connection: Connection, chart: LocalChart, request: RenderRequest): Promise<string> {
  const args = ["template", request.releaseName, chart.path, "--namespace", request.namespace];
  for (const file of [...(request.valuesFiles ?? []), await helm.file("values.json", JSON.stringify(request.values))]) args.push("--values", file);
  if (request.includeCrds) args.push("--include-crds");
  if (!request.includeHooks) args.push("--no-hooks");
  if (request.dependencyUpdate) args.push("--dependency-update");
  args.push(...(await capabilities(connection, request)));
  const render = async () => (connection.reachable && looksUp(chart.path) ? await renderWithLookups(helm, args) : await helm.run(args));
  try {
    return await render();
  } catch (error) {
    if (!/missing in charts\/ directory/.test((error as Error).message) || !existsSync(join(chart.path, "Chart.lock"))) throw error;
    await helm.run(["dependency", "build", chart.path]);
    return render();
  }
}

/**
 * Helm asks the cluster for what templates look up, but then also insists that it knows every kind of the result. Before the chart's own definitions are there it can't:
 * then nothing that the chart would look up is there either. Helm 4 refuses what is on the cluster already and isn't a release's, unless it may take it over; nothing is
 * taken, since this only renders.
 */
async function renderWithLookups(helm: HelmCommand, args: readonly string[]): Promise<string> {
  try {
    const adopting = (await helm.majorVersion()) >= 4 ? ["--take-ownership"] : [];
    return await helm.run([...args, "--dry-run=server", ...adopting, ...(await helm.clusterArguments())]);
  } catch (error) {
    if (!/resource mapping not found|no matches for kind/.test((error as Error).message)) throw error;
    return helm.run(args);
  }
}

async function capabilities(connection: Connection, request: RenderRequest): Promise<string[]> {
  const kubeVersion = request.kubeVersion || (connection.reachable ? connection.version.text : "");
  const apiVersions = request.apiVersions?.length ? request.apiVersions : connection.reachable ? await connection.cluster.discovery.apiVersions() : [];
  return [...(kubeVersion ? ["--kube-version", kubeVersion] : []), ...(apiVersions.length ? ["--api-versions", apiVersions.join(",")] : [])];
}
