import { type KubeApi, KubeApiError, type KubeObject } from "#clusters/kube-client.ts";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import { simulatedLabel } from "./simulated.ts";

const simulated = { [simulatedLabel]: "true" };
const staleAfterMs = 30_000;
const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

/** Makes the simulated nodes what `groups` say: adds, resizes and removes. Answers their names. */
export async function applyNodes(client: KubeApi, groups: readonly SandboxNodes[], version: string): Promise<string[]> {
  const wanted = plannedNodes(groups, version);
  const present = await client.list(`/api/v1/nodes?labelSelector=${encodeURIComponent(`${simulatedLabel}=true`)}`);
  const byName = new Map(present.items.map((node) => [node.metadata.name, node]));
  await Promise.all([
    ...wanted.map((node) => applyNode(client, node, byName.has(node.metadata.name))),
    ...present.items.filter((node) => !wanted.some((w) => w.metadata.name === node.metadata.name)).map((node) => removeNode(client, node.metadata.name)),
  ]);
  return wanted.map((node) => node.metadata.name);
}

function plannedNodes(groups: readonly SandboxNodes[], version: string): (KubeObject & { status: object })[] {
  const sizes = groups.flatMap((group) => Array.from({ length: group.count }, () => group));
  return sizes.map((size, index) => {
    const name = `simulated-${index + 1}`;
    const resources = { cpu: size.cpu, memory: size.memory, "ephemeral-storage": "100Gi", pods: "110" };
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        labels: {
          ...simulated,
          "kubernetes.io/hostname": name,
          "kubernetes.io/os": "linux",
          "kubernetes.io/arch": process.arch === "x64" ? "amd64" : process.arch,
          "node-role.kubernetes.io/worker": "",
        },
        annotations: { "kwok.x-k8s.io/node": "fake" },
      },
      spec: { podCIDR: `10.244.${index}.0/24`, podCIDRs: [`10.244.${index}.0/24`] },
      status: {
        addresses: [
          { type: "InternalIP", address: `10.245.0.${index + 1}` },
          { type: "Hostname", address: name },
        ],
        capacity: resources,
        allocatable: resources,
        nodeInfo: {
          architecture: process.arch === "x64" ? "amd64" : process.arch,
          bootID: "",
          containerRuntimeVersion: "simulated://0",
          kernelVersion: "simulated",
          kubeProxyVersion: "",
          kubeletVersion: `${version}+simulated`,
          machineID: "",
          operatingSystem: "linux",
          osImage: "simulated by Strata: runs no containers",
          systemUUID: "",
        },
      },
    };
  });
}

async function applyNode(client: KubeApi, node: KubeObject & { status: object }, exists: boolean): Promise<void> {
  if (!exists) {
    // A node brings its status along, as a kubelet's registration does.
    await client.create("/api/v1/nodes", node);
    return;
  }
  await client.patch(`/api/v1/nodes/${node.metadata.name}`, { metadata: { labels: node.metadata.labels, annotations: node.metadata.annotations } }, "merge");
  await client.patch(`/api/v1/nodes/${node.metadata.name}/status`, { status: node.status }, "merge");
}

async function removeNode(client: KubeApi, name: string): Promise<void> {
  try {
    await client.delete(`/api/v1/nodes/${name}`);
  } catch (error) {
    if (!(error instanceof KubeApiError && error.status === 404)) throw error;
  }
}

/** Lets the next kwok have the nodes at once. */
export async function releaseNodes(client: KubeApi): Promise<void> {
  await client.delete(leases);
}

/** Rejects while one of the nodes isn't Ready or has no lease. */
export async function nodesAlive(client: KubeApi, names: readonly string[]): Promise<void> {
  const [nodes, held] = await Promise.all([client.list("/api/v1/nodes"), client.list(leases)]);
  const alive = new Set(nodes.items.filter(isReady).map((node) => node.metadata.name));
  const leased = new Set(held.items.map((lease) => lease.metadata.name));
  const missing = names.filter((name) => !alive.has(name) || !leased.has(name));
  if (missing.length) throw new Error(`these simulated nodes aren't ready: ${missing.join(", ")}`);
}

/** Rejects when a node's lease is much older than kwok's pace of ten seconds. */
export async function nodesRenewed(client: KubeApi, now: Date): Promise<void> {
  const { items } = await client.list(leases);
  const stale = items.filter((lease) => now.getTime() - Date.parse((lease.spec as { renewTime?: string }).renewTime ?? "") > staleAfterMs);
  if (stale.length) throw new Error(`the leases of these simulated nodes are stale: ${stale.map((lease) => lease.metadata.name).join(", ")}`);
}

function isReady(node: KubeObject): boolean {
  const { conditions = [] } = (node.status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}
