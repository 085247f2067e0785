import type { KubeApi } from "#clusters/kube-client.ts";
import { simulatedLabel } from "./simulated.ts";

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
export async function applyFoundations(client: KubeApi): Promise<void> {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  await Promise.all([
    client.patch(`${rbac}/clusterroles/${nodeRole.metadata.name}`, nodeRole, "apply"),
    client.patch(`${rbac}/clusterrolebindings/${nodeRoleBinding.metadata.name}`, nodeRoleBinding, "apply"),
    client.patch(`/apis/storage.k8s.io/v1/storageclasses/${storageClass.metadata.name}`, storageClass, "apply"),
  ]);
}
