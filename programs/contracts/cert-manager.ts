import type { ComponentContract } from "#programs/contracts/component-contract.ts";

const labels = (name: string, component: string) => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/instance": "cert-manager",
  "app.kubernetes.io/component": component,
});

/** cert-manager: its custom resources, and the webhook that checks them. */
export const certManager: ComponentContract = {
  component: "cert-manager",
  release: "cert-manager",
  crds: [
    { name: "certificates.cert-manager.io", scope: "Namespaced", version: "v1" },
    { name: "certificaterequests.cert-manager.io", scope: "Namespaced", version: "v1" },
    { name: "issuers.cert-manager.io", scope: "Namespaced", version: "v1" },
    { name: "clusterissuers.cert-manager.io", scope: "Cluster", version: "v1" },
    { name: "challenges.acme.cert-manager.io", scope: "Namespaced", version: "v1" },
    { name: "orders.acme.cert-manager.io", scope: "Namespaced", version: "v1" },
  ],
  services: [
    { name: "cert-manager", selector: labels("cert-manager", "controller"), ports: { "http-metrics": 9402 } },
    { name: "cert-manager-webhook", selector: labels("webhook", "webhook"), ports: { https: 443, metrics: 9402 } },
    { name: "cert-manager-cainjector", selector: labels("cainjector", "cainjector"), ports: { "http-metrics": 9402 } },
  ],
  workloads: [
    { kind: "Deployment", name: "cert-manager", memory: "64Mi" },
    { kind: "Deployment", name: "cert-manager-webhook", memory: "32Mi" },
    { kind: "Deployment", name: "cert-manager-cainjector", memory: "64Mi" },
  ],
  secrets: {},
};
