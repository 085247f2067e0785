import type { JsonObject } from "#core/wire-value.ts";
import { airflow } from "#programs/contracts/airflow.ts";
import { alloy } from "#programs/contracts/alloy.ts";
import { argocd } from "#programs/contracts/argocd.ts";
import { certManager } from "#programs/contracts/cert-manager.ts";
import type { ComponentContract } from "#programs/contracts/component-contract.ts";
import { loki } from "#programs/contracts/loki.ts";
import { minio } from "#programs/contracts/minio.ts";
import { mlflow } from "#programs/contracts/mlflow.ts";
import { monitoring } from "#programs/contracts/monitoring.ts";
import { traefik } from "#programs/contracts/traefik.ts";
import { alloyValues } from "#programs/layers/platform_base/values/alloy.ts";
import { argocdValues } from "#programs/layers/platform_base/values/argocd.ts";
import { certManagerValues } from "#programs/layers/platform_base/values/cert-manager.ts";
import { lokiUrl, lokiValues } from "#programs/layers/platform_base/values/loki.ts";
import { monitoringValues } from "#programs/layers/platform_base/values/monitoring.ts";
import { traefikValues } from "#programs/layers/platform_base/values/traefik.ts";
import { airflowValues } from "#programs/layers/platform_data/values/airflow.ts";
import { minioValues } from "#programs/layers/platform_data/values/minio.ts";
import { mlflowValues } from "#programs/layers/platform_data/values/mlflow.ts";

/** A component's contract together with the chart values that its layer uses, so that any chart can be rendered and held against it. */
export interface ChartInUse {
  readonly contract: ComponentContract;
  /** The values for a component's own values and a domain, both as the specification has them. */
  readonly values: (own: JsonObject, domain: string) => JsonObject;
}

/** Every component that comes as a chart. */
export const chartsInUse: readonly ChartInUse[] = [
  { contract: certManager, values: certManagerValues },
  { contract: traefik, values: traefikValues },
  { contract: argocd, values: (_, domain) => argocdValues({ domain }) },
  { contract: monitoring, values: (own, domain) => monitoringValues({ ...(own as unknown as Stored), domain, lokiUrl: lokiUrl("monitoring") }) },
  { contract: loki, values: (own) => lokiValues(own as unknown as Stored) },
  { contract: alloy, values: () => alloyValues({ lokiUrl: lokiUrl("monitoring") }) },
  { contract: minio, values: (own) => minioValues(own as unknown as Parameters<typeof minioValues>[0]) },
  { contract: airflow, values: (own, domain) => airflowValues({ ...(own as unknown as Omit<Parameters<typeof airflowValues>[0], "domain">), domain }) },
  { contract: mlflow, values: (_, domain) => mlflowValues({ domain, databaseHost: "postgres", storeUrl: "http://minio.data.svc.cluster.local:9000" }) },
];

interface Stored {
  readonly retention: string;
  readonly storage: string;
}
