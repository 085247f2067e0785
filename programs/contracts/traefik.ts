import type { ComponentContract } from "#programs/contracts/component-contract.ts";

/** Traefik: the entry points that hosts resolve to, and the custom resources of every route. The namespace is part of its instance label. */
export const traefik: ComponentContract = {
  component: "traefik",
  release: "traefik",
  crds: ["ingressroutes", "ingressroutetcps", "middlewares", "serverstransports", "tlsoptions", "tlsstores", "traefikservices"].map((plural) => ({
    name: `${plural}.traefik.io`,
    scope: "Namespaced",
    version: "v1alpha1",
  })),
  services: [
    {
      name: "traefik",
      selector: { "app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": "traefik-traefik" },
      ports: { web: 80, websecure: 443 },
    },
    {
      name: "traefik-metrics",
      selector: { "app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": "traefik-traefik" },
      ports: { metrics: 9100 },
    },
  ],
  workloads: [{ kind: "Deployment", name: "traefik", memory: "100Mi" }],
  secrets: {},
};
