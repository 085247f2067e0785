import type { ComponentContract } from "#programs/contracts/component-contract.ts";

const labels = (component: string) => ({ tier: "airflow", component, release: "airflow" });

/** Airflow: its API server behind `airflow.<domain>`, its metrics, and Secrets that are all ours. */
export const airflow: ComponentContract = {
  component: "airflow",
  release: "airflow",
  crds: [],
  services: [
    { name: "airflow-api-server", selector: labels("api-server"), ports: { "api-server": 8080 } },
    { name: "airflow-statsd", selector: labels("statsd"), ports: { "statsd-ingest": 9125, "statsd-scrape": 9102 } },
  ],
  workloads: [
    { kind: "Deployment", name: "airflow-api-server", memory: "768Mi" },
    { kind: "Deployment", name: "airflow-scheduler", memory: "640Mi" },
    { kind: "Deployment", name: "airflow-dag-processor", memory: "512Mi" },
    { kind: "Deployment", name: "airflow-triggerer", memory: "384Mi" },
    { kind: "Deployment", name: "airflow-statsd", memory: "48Mi" },
  ],
  secrets: {
    "airflow-metadata": ["connection"],
    "airflow-fernet-key": ["fernet-key"],
    "airflow-jwt-secret": ["jwt-secret"],
    "airflow-api-secret-key": ["api-secret-key"],
    "airflow-connections": ["AIRFLOW_CONN_MINIO"],
  },
};
