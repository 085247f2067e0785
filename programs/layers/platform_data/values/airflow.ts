import type { JsonObject } from "#core/wire-value.ts";

/** Secrets that the chart's pods read; the chart fixes the keys. It would make them at random in each rendering, or in Helm hooks. */
export const airflowSecrets = {
  metadata: { secret: "airflow-metadata", key: "connection" },
  fernet: { secret: "airflow-fernet-key", key: "fernet-key" },
  jwt: { secret: "airflow-jwt-secret", key: "jwt-secret" },
  api: { secret: "airflow-api-secret-key", key: "api-secret-key" },
  /** Connections to other components, as `AIRFLOW_CONN_*`. */
  connections: { secret: "airflow-connections", store: "AIRFLOW_CONN_MINIO" },
} as const;

export interface AirflowChartValues {
  readonly image: { readonly repository: string; readonly tag: string };
  readonly domain: string;
  readonly namespace: string;
}

/**
 * Values of the Airflow chart: a pod per task, PostgreSQL of ours, no broker, logs in the object store. Migrations are an ordinary Job; the first user is
 * the layer's own Job, since the chart's would need the password in its values.
 */
export function airflowValues({ image, domain, namespace }: AirflowChartValues): JsonObject {
  const { metadata, fernet, jwt, api, connections } = airflowSecrets;
  const resources = (cpu: string, memory: string, limit: string) => ({ resources: { requests: { cpu, memory }, limits: { memory: limit } } });
  return {
    executor: "KubernetesExecutor",
    airflowVersion: image.tag,
    defaultAirflowRepository: image.repository,
    defaultAirflowTag: image.tag,
    enableServiceLinks: false,
    postgresql: { enabled: false },
    redis: { enabled: false },
    data: { metadataSecretName: metadata.secret },
    fernetKeySecretName: fernet.secret,
    jwtSecretName: jwt.secret,
    apiSecretKeySecretName: api.secret,
    secret: [{ envName: connections.store, secretName: connections.secret, secretKey: connections.store }],
    migrateDatabaseJob: { enabled: true, useHelmHooks: false, applyCustomEnv: false, ...resources("50m", "256Mi", "512Mi") },
    // Left a hook, so that it is never applied.
    createUserJob: { useHelmHooks: true, defaultUser: { enabled: false } },
    config: {
      api: { base_url: `https://airflow.${domain}` },
      core: { load_examples: "False" },
      logging: { remote_logging: "True", remote_base_log_folder: "s3://airflow-logs", remote_log_conn_id: "minio" },
      kubernetes_executor: { namespace, delete_worker_pods: "True" },
    },
    apiServer: { replicas: 1, ...resources("100m", "768Mi", "1Gi") },
    scheduler: { replicas: 1, logGroomerSidecar: { enabled: false }, ...resources("100m", "640Mi", "1Gi") },
    dagProcessor: { enabled: true, replicas: 1, logGroomerSidecar: { enabled: false }, ...resources("50m", "512Mi", "1Gi") },
    triggerer: { replicas: 1, persistence: { enabled: false }, logGroomerSidecar: { enabled: false }, ...resources("50m", "384Mi", "768Mi") },
    workers: resources("100m", "512Mi", "1Gi"),
    statsd: { enabled: true, ...resources("10m", "48Mi", "96Mi") },
    logs: { persistence: { enabled: false } },
    dags: { persistence: { enabled: false }, gitSync: { enabled: false } },
  };
}
