import type { ComponentContract } from "#programs/contracts/component-contract.ts";

const labels = (part: string) => ({ "app.kubernetes.io/name": `argocd-${part}`, "app.kubernetes.io/instance": "argocd" });

/** Argo CD: its server behind `argocd.<domain>`, its custom resources, and the Redis password that is ours. */
export const argocd: ComponentContract = {
  component: "argocd",
  release: "argocd",
  crds: ["applications", "applicationsets", "appprojects"].map((plural) => ({ name: `${plural}.argoproj.io`, scope: "Namespaced", version: "v1alpha1" })),
  services: [
    { name: "argocd-server", selector: labels("server"), ports: { http: 80, https: 443 } },
    { name: "argocd-repo-server", selector: labels("repo-server"), ports: { "tcp-repo-server": 8081 } },
    { name: "argocd-applicationset-controller", selector: labels("applicationset-controller"), ports: { "http-webhook": 7000 } },
    { name: "argocd-redis", selector: labels("redis"), ports: { redis: 6379 } },
  ],
  workloads: [
    { kind: "StatefulSet", name: "argocd-application-controller", memory: "384Mi" },
    { kind: "Deployment", name: "argocd-repo-server", memory: "192Mi" },
    { kind: "Deployment", name: "argocd-server", memory: "128Mi" },
    { kind: "Deployment", name: "argocd-applicationset-controller", memory: "128Mi" },
    { kind: "Deployment", name: "argocd-redis", memory: "64Mi" },
  ],
  secrets: { "argocd-redis": ["auth"] },
};
