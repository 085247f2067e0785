import type { JsonObject } from "#core/wire-value.ts";

/** Values of the Traefik chart: plain HTTP is sent on to HTTPS; the dashboard isn't exposed. */
export function traefikValues(): JsonObject {
  return {
    deployment: { replicas: 1 },
    ingressClass: { enabled: true, isDefaultClass: true },
    ingressRoute: { dashboard: { enabled: false } },
    ports: { web: { http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } } } },
    metrics: { prometheus: { service: { enabled: true } } },
    resources: { requests: { cpu: "50m", memory: "100Mi" }, limits: { memory: "256Mi" } },
  };
}
