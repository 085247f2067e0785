import type { ClusterSource } from "#clusters/cluster-source.ts";
import { KubeconfigSource } from "#clusters/kubeconfig-source.ts";
import { type EnsureTools, SandboxSource } from "#clusters/sandbox/sandbox-source.ts";
import type { ClusterSpec, SandboxNodes } from "#core/cluster-spec.ts";
import { StrataError } from "#core/errors.ts";
import { checkName } from "#core/ids.ts";

export interface OpenClusterOptions {
  /** Absolute; sandboxes live in `<dataFolder>/clusters/<name>`. */
  readonly dataFolder: string;
  readonly ensureTools: EnsureTools;
  /** PATH for the sandbox's processes. */
  readonly path: string;
}

/** Each simulated node has a /24 of the pod network. */
const mostNodes = 250;
const quantity = /^[0-9]+(?:\.[0-9]+)?(?:m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

/**
 * The cluster that a specification names; nothing is started or checked yet. Throws `invalid_name` for a sandbox's name that isn't legal, `invalid_config` for
 * nodes that can't be.
 */
export function openClusterSource(spec: ClusterSpec, options: OpenClusterOptions): ClusterSource {
  if (spec.source === "kubeconfig") return new KubeconfigSource(spec);
  checkNodes(spec.name, spec.nodes);
  return new SandboxSource({ ...options, name: checkName<string>("sandbox", spec.name), nodes: spec.nodes });
}

function checkNodes(name: string, nodes: readonly SandboxNodes[]): void {
  const wrong = (what: string): StrataError => new StrataError("invalid_config", `The sandbox '${name.slice(0, 80)}' can't have ${what}.`);
  for (const group of nodes) {
    if (!Number.isInteger(group.count) || group.count < 1) throw wrong(`a group of '${group.count}' nodes: use a whole number from 1 on`);
    if (!quantity.test(group.cpu)) throw wrong(`nodes with cpu '${group.cpu}': use a Kubernetes quantity such as "8" or "500m"`);
    if (!quantity.test(group.memory)) throw wrong(`nodes with memory '${group.memory}': use a Kubernetes quantity such as "32Gi"`);
  }
  const count = nodes.reduce((sum, group) => sum + group.count, 0);
  if (count < 1 || count > mostNodes) throw wrong(`${count} nodes: use 1 to ${mostNodes}`);
}
