import type { ComponentContract } from "#programs/contracts/component-contract.ts";

const labels = { "app.kubernetes.io/name": "loki", "app.kubernetes.io/instance": "loki", "app.kubernetes.io/component": "single-binary" };

/** Loki: the address that logs are sent to and Grafana reads from. */
export const loki: ComponentContract = {
  component: "loki",
  release: "loki",
  crds: [],
  services: [
    { name: "loki", selector: labels, ports: { "http-metrics": 3100, grpc: 9095 } },
    { name: "loki-headless", selector: labels, ports: { "http-metrics": 3100, grpc: 9095 } },
  ],
  workloads: [{ kind: "StatefulSet", name: "loki", memory: "400Mi" }],
  secrets: {},
};
