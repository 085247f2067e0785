import { KubeApiError, type KubeClient, type KubeObject } from "#clusters/kube-client.ts";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import { simulatedLabel } from "./components.ts";

/** Provisioner of the default storage class; volumes exist as API objects only. */
export const provisioner = "strata.dev/simulated";
const simulated = { [simulatedLabel]: "true" };

const nodeRole = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "strata:simulated-nodes", labels: simulated },
  rules: [
    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "update", "patch"] },
    { apiGroups: [""], resources: ["nodes/status", "pods/status"], verbs: ["update", "patch"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "update", "patch", "delete"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "list", "watch", "create", "update", "patch"] },
    { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "update", "patch"] },
  ],
};

const nodeRoleBinding = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name: "strata:simulated-nodes", labels: simulated },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "strata:simulated-nodes" },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "strata:simulated-nodes" }],
};

const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "local-path", labels: simulated, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner,
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
};

/** What every sandbox holds before anybody uses it: the simulated nodes' rights and the default storage class. */
export async function applyFoundations(client: KubeClient): Promise<void> {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  await Promise.all([
    client.patch(`${rbac}/clusterroles/${nodeRole.metadata.name}`, nodeRole, "apply"),
    client.patch(`${rbac}/clusterrolebindings/${nodeRoleBinding.metadata.name}`, nodeRoleBinding, "apply"),
    client.patch(`/apis/storage.k8s.io/v1/storageclasses/${storageClass.metadata.name}`, storageClass, "apply"),
  ]);
}

/** Makes the simulated nodes what `groups` say: adds, resizes and removes. Answers their names. */
export async function applyNodes(client: KubeClient, groups: readonly SandboxNodes[], version: string): Promise<string[]> {
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

async function applyNode(client: KubeClient, node: KubeObject & { status: object }, exists: boolean): Promise<void> {
  if (!exists) {
    // A node brings its status along, as a kubelet's registration does.
    await client.create("/api/v1/nodes", node);
    return;
  }
  await client.patch(`/api/v1/nodes/${node.metadata.name}`, { metadata: { labels: node.metadata.labels, annotations: node.metadata.annotations } }, "merge");
  await client.patch(`/api/v1/nodes/${node.metadata.name}/status`, { status: node.status }, "merge");
}

async function removeNode(client: KubeClient, name: string): Promise<void> {
  try {
    await client.delete(`/api/v1/nodes/${name}`);
  } catch (error) {
    if (!(error instanceof KubeApiError && error.status === 404)) throw error;
  }
}
