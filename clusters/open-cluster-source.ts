import type { ClusterSource } from "#clusters/cluster-source.ts";
import { KubeconfigSource } from "#clusters/kubeconfig-source.ts";
import { type EnsureTools, SandboxSource } from "#clusters/sandbox/sandbox-source.ts";
import type { ClusterSpec } from "#core/cluster-spec.ts";
import { checkName } from "#core/ids.ts";

export interface OpenClusterOptions {
  /** Absolute; sandboxes live in `<dataFolder>/clusters/<name>`. */
  readonly dataFolder: string;
  readonly ensureTools: EnsureTools;
  /** PATH for the sandbox's processes. */
  readonly path: string;
}

/** The cluster that a specification names; nothing is started or checked yet. Throws `invalid_name` for a sandbox's name that isn't legal. */
export function openClusterSource(spec: ClusterSpec, options: OpenClusterOptions): ClusterSource {
  if (spec.source === "kubeconfig") return new KubeconfigSource(spec);
  return new SandboxSource({ ...options, name: checkName<string>("sandbox", spec.name), nodes: spec.nodes });
}
