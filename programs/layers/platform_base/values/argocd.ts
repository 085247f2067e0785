import type { JsonObject } from "#core/wire-value.ts";

/**
 * Values of the Argo CD chart. The Secrets `argocd-redis` and `argocd-secret` are the layer's own: the chart would make the first in a Helm hook, and the
 * second with a random key at each rendering.
 */
export function argocdValues({ domain }: { readonly domain: string }): JsonObject {
  const resources = (cpu: string, memory: string, limit: string) => ({ resources: { requests: { cpu, memory }, limits: { memory: limit } } });
  return {
    global: { domain: `argocd.${domain}` },
    crds: { keep: false },
    redisSecretInit: { enabled: false },
    dex: { enabled: false },
    notifications: { enabled: false },
    // Traefik ends TLS in front of it.
    configs: { secret: { createSecret: false }, params: { "server.insecure": true } },
    controller: resources("100m", "384Mi", "1Gi"),
    repoServer: resources("50m", "192Mi", "512Mi"),
    server: resources("50m", "128Mi", "256Mi"),
    applicationSet: resources("20m", "128Mi", "256Mi"),
    redis: resources("20m", "64Mi", "128Mi"),
  };
}
