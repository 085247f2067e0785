import type { ComponentContract } from "#programs/contracts/component-contract.ts";

/** Alloy: one pod on each node. */
export const alloy: ComponentContract = {
  component: "alloy",
  release: "alloy",
  crds: [],
  services: [{ name: "alloy", selector: { "app.kubernetes.io/name": "alloy", "app.kubernetes.io/instance": "alloy" }, ports: { "http-metrics": 12345 } }],
  workloads: [{ kind: "DaemonSet", name: "alloy", memory: "50Mi" }],
  secrets: {},
};
