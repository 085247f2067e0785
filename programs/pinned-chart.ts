import { helm } from "@pulumi/kubernetes";
import type { ComponentResource, Input, Resource } from "@pulumi/pulumi";
import type { ChartSpec } from "#config/spec.ts";
import type { JsonObject } from "#core/wire-value.ts";
import { standInTransforms } from "#programs/object-transform.ts";

export interface PinnedChartArgs {
  readonly chart: ChartSpec;
  readonly namespace: string;
  /** Known when the program runs: nothing random and no output, so that a first preview can render the chart. Secrets go by name. */
  readonly values: JsonObject;
}

/** Installs a pinned chart, one resource per object, with the release named like the resource. */
export function installChart(
  name: string,
  { chart, namespace, values }: PinnedChartArgs,
  options: { readonly parent: ComponentResource; readonly dependsOn?: Input<Resource>[] },
): helm.v4.Chart {
  const source = chart.source;
  const from =
    source.kind !== "upstream"
      ? { chart: source.path }
      : source.repository.startsWith("oci://")
        ? { chart: `${source.repository}/${chart.name}@${source.digest}` }
        : { chart: chart.name, version: chart.version, repositoryOpts: { repo: source.repository } };
  return new helm.v4.Chart(name, { ...from, name, namespace, values }, { ...options, transforms: standInTransforms(chart) });
}
