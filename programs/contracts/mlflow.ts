import type { ComponentContract } from "#programs/contracts/component-contract.ts";

/** MLflow: its server behind `mlflow.<domain>`, and Secrets that are all ours. */
export const mlflow: ComponentContract = {
  component: "mlflow",
  release: "mlflow",
  crds: [],
  services: [{ name: "mlflow", selector: { app: "mlflow", "app.kubernetes.io/name": "mlflow", "app.kubernetes.io/instance": "mlflow" }, ports: { http: 80 } }],
  workloads: [{ kind: "Deployment", name: "mlflow", memory: "600Mi" }],
  secrets: {
    "mlflow-flask-server-secret-key": ["MLFLOW_FLASK_SERVER_SECRET_KEY"],
    "mlflow-database": ["user", "password"],
    "mlflow-s3": ["accessKey", "secretKey"],
  },
};
