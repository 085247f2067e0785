import type { JsonObject } from "#core/wire-value.ts";

/** Address of Loki inside the cluster. */
export function lokiUrl(namespace: string): string {
  return `http://loki.${namespace}.svc.cluster.local:3100`;
}

/** Values of the Loki chart: one process on a volume, no caches, no tenants. */
export function lokiValues({ retention, storage }: { readonly retention: string; readonly storage: string }): JsonObject {
  return {
    deploymentMode: "Monolithic",
    loki: {
      auth_enabled: false,
      commonConfig: { replication_factor: 1 },
      storage: { type: "filesystem" },
      schemaConfig: { configs: [{ from: "2024-04-01", store: "tsdb", object_store: "filesystem", schema: "v13", index: { prefix: "index_", period: "24h" } }] },
      limits_config: { retention_period: retention },
      compactor: { retention_enabled: true, delete_request_store: "filesystem" },
    },
    singleBinary: { replicas: 1, persistence: { size: storage }, resources: { requests: { cpu: "50m", memory: "400Mi" }, limits: { memory: "1Gi" } } },
    read: { replicas: 0 },
    write: { replicas: 0 },
    backend: { replicas: 0 },
    chunksCache: { enabled: false },
    resultsCache: { enabled: false },
    lokiCanary: { enabled: false },
    gateway: { enabled: false },
    test: { enabled: false },
    sidecar: { rules: { enabled: false } },
  };
}
