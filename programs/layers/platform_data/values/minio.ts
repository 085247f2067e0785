import type { JsonObject } from "#core/wire-value.ts";

/** Secret with the root user; the chart fixes its keys. */
export const minioRoot = { secret: "minio-root", userKey: "rootUser", passwordKey: "rootPassword" } as const;

export interface MinioChartValues {
  readonly image: { readonly repository: string; readonly tag: string };
  readonly storage: string;
}

/** Values of the MinIO chart. Buckets, users and policies are the layer's own Job: the chart would make them in a Helm hook. */
export function minioValues({ image, storage }: MinioChartValues): JsonObject {
  return {
    mode: "standalone",
    replicas: 1,
    image: { ...image },
    existingSecret: minioRoot.secret,
    persistence: { size: storage },
    resources: { requests: { cpu: "100m", memory: "512Mi" }, limits: { memory: "1Gi" } },
    buckets: [],
    users: [],
    policies: [],
    svcaccts: [],
  };
}
