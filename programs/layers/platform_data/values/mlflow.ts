import type { JsonObject } from "#core/wire-value.ts";

/** Secrets that the chart's pods read. The first name is fixed by the chart, whose own would be a Helm hook. */
export const mlflowSecrets = {
  flask: { secret: "mlflow-flask-server-secret-key", key: "MLFLOW_FLASK_SERVER_SECRET_KEY" },
  database: { secret: "mlflow-database", userKey: "user", passwordKey: "password" },
  store: { secret: "mlflow-s3", accessKey: "accessKey", secretKey: "secretKey" },
} as const;

/** Values of the MLflow chart: runs in PostgreSQL, artifacts in the object store, handed through by the server. */
export function mlflowValues({
  domain,
  databaseHost,
  storeUrl,
}: {
  readonly domain: string;
  readonly databaseHost: string;
  readonly storeUrl: string;
}): JsonObject {
  const { database, store } = mlflowSecrets;
  return {
    backendStore: {
      databaseMigration: true,
      postgres: { enabled: true, host: databaseHost, port: 5432, database: "mlflow" },
      existingDatabaseSecret: { name: database.secret, usernameKey: database.userKey, passwordKey: database.passwordKey },
    },
    artifactRoot: {
      proxiedArtifactStorage: true,
      s3: { enabled: true, bucket: "mlflow", existingSecret: { name: store.secret, keyOfAccessKeyId: store.accessKey, keyOfSecretAccessKey: store.secretKey } },
    },
    extraEnvVars: { MLFLOW_S3_ENDPOINT_URL: storeUrl, MLFLOW_SERVER_ALLOWED_HOSTS: `mlflow.${domain},mlflow,mlflow.*` },
    resources: { requests: { cpu: "100m", memory: "600Mi" }, limits: { memory: "1Gi" } },
  };
}
