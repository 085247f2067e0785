import type { ClusterSource } from "#clusters/cluster-source.ts";
import { openClusterSource } from "#clusters/open-cluster-source.ts";
import type { Settings } from "#config/settings.ts";
import type { ClusterSpec } from "#core/cluster-spec.ts";
import { readToolCatalogue } from "#toolchain/tool-catalogue.ts";
import { Toolchain } from "#toolchain/toolchain.ts";

export function openToolchain(settings: Settings): Toolchain {
  return new Toolchain({ catalogue: readToolCatalogue(), paths: settings.toolPaths, environment: settings.environment });
}

export function openCluster(settings: Settings, spec: ClusterSpec): ClusterSource {
  const tools = openToolchain(settings);
  // What the layers need besides is got in one go, with the cluster's progress to watch.
  return openClusterSource(spec, {
    dataFolder: settings.dataFolder,
    ensureTools: (names, options) => tools.ensure([...names, "helm", "kubectl"], options),
    path: settings.environment.PATH ?? "",
  });
}
