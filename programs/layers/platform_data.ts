import { type Output, secret } from "@pulumi/pulumi";
import { StrataError } from "#core/errors.ts";
import type { AccessHint } from "#core/operation.ts";
import { secretHint, urlHint } from "#programs/access-hints.ts";
import { Airflow } from "#programs/components/airflow.ts";
import { DvcRemote } from "#programs/components/dvc-remote.ts";
import { LabRoute } from "#programs/components/lab-route.ts";
import { Mlflow } from "#programs/components/mlflow.ts";
import { ObjectStore } from "#programs/components/object-store.ts";
import type { DatabaseAccess } from "#programs/components/postgres-server.ts";
import { ServiceAlias } from "#programs/components/service-alias.ts";
import type { LayerProgram } from "#programs/layer.ts";
import { LayerScope } from "#programs/layer-scope.ts";
import { type AirflowChartValues, airflowValues } from "#programs/layers/platform_data/values/airflow.ts";
import { type MinioChartValues, minioRoot, minioValues } from "#programs/layers/platform_data/values/minio.ts";
import { mlflowValues } from "#programs/layers/platform_data/values/mlflow.ts";

interface Placed {
  readonly namespace: string;
}
interface MinioValues extends Placed, MinioChartValues {
  readonly clientImage: string;
  readonly buckets: readonly string[];
}

/** Buckets that each user of the store may read and write. */
const storeUsers = { airflow: ["data", "gx-docs", "airflow-logs"], mlflow: ["mlflow"], dvc: ["dvc"] };

/** Object store, orchestration, experiment tracking. Each component is there when the scenario has it. */
export const platformData: LayerProgram = async (context) => {
  const scope = new LayerScope(context);
  const { domain } = scope.layerValues as { domain: string };
  const issuer = scope.upstream("platform_base", "issuer") as Output<string>;
  const access: AccessHint[] = [];
  const outputs: Record<string, unknown> = {};
  const route = (component: string, name: string, title: string, at: { namespace: string; service: string; port: number }) => {
    const host = `${name}.${domain}`;
    new LabRoute(name, { host, ...at, certificate: { issuer } }, scope.options(component));
    access.push(urlHint(title, host));
  };
  /** Database of an application: known once PostgreSQL's layer is up. */
  const databaseOf = (name: string) =>
    secret(scope.upstream("external", "databases") as Output<Record<string, DatabaseAccess>>).apply((databases) => {
      const database = databases[name];
      if (database) return database;
      throw new StrataError("program_failed", `PostgreSQL has no database '${name}'. Add it to 'components.postgres.databases'.`);
    });

  const minio = scope.find("minio");
  let store: ObjectStore | undefined;
  if (minio) {
    const own = scope.values<MinioValues>(minio);
    store = new ObjectStore(
      "minio",
      { chart: scope.chart(minio), namespace: own.namespace, values: minioValues(own), clientImage: own.clientImage, buckets: own.buckets, users: storeUsers },
      scope.options("minio"),
    );
    route("minio", "minio", "MinIO console", { namespace: own.namespace, service: "minio-console", port: 9001 });
    route("minio", "s3", "MinIO API (S3)", { namespace: own.namespace, service: "minio", port: 9000 });
    access.push(secretHint("MinIO user 'lab-root'", own.namespace, minioRoot.secret, minioRoot.passwordKey));
    Object.assign(outputs, { storeUrl: store.url });
  }
  const needStore = (component: string): ObjectStore => {
    if (store) return store;
    throw new StrataError("program_failed", `Component '${component}' needs 'minio' in its scenario.`);
  };
  const storeFor = (user: keyof typeof storeUsers, component: string) => {
    const { url, users } = needStore(component);
    return { url, access: users.apply((all) => all[user]!) };
  };

  const airflow = scope.find("airflow");
  if (airflow) {
    const own = scope.values<Placed & Pick<AirflowChartValues, "image">>(airflow);
    const args = { chart: scope.chart(airflow), namespace: own.namespace, values: airflowValues({ ...own, domain }), image: own.image };
    const server = new Airflow("airflow", { ...args, database: databaseOf("airflow"), store: storeFor("airflow", "airflow") }, scope.options("airflow"));
    route("airflow", "airflow", "Airflow", { namespace: own.namespace, service: "airflow-api-server", port: 8080 });
    access.push(secretHint("Airflow user 'admin'", own.namespace, server.adminSecret, "password"));
  }

  const mlflow = scope.find("mlflow");
  if (mlflow) {
    const { namespace } = scope.values<Placed>(mlflow);
    const database = databaseOf("mlflow");
    const alias = new ServiceAlias("postgres", { namespace, target: scope.upstream("external", "postgresHost") as Output<string> }, scope.options("mlflow"));
    const { url, access: storeAccess } = storeFor("mlflow", "mlflow");
    new Mlflow(
      "mlflow",
      { chart: scope.chart(mlflow), namespace, values: mlflowValues({ domain, databaseHost: "postgres", storeUrl: url }), database, store: storeAccess },
      scope.options("mlflow", { dependsOn: alias }),
    );
    route("mlflow", "mlflow", "MLflow", { namespace, service: "mlflow", port: 80 });
  }

  const dvc = scope.find("dvc");
  if (dvc) {
    const { namespace } = scope.values<Placed>(dvc);
    new DvcRemote("dvc-remote", { namespace, bucket: "dvc", store: storeFor("dvc", "dvc") }, scope.options("dvc"));
    access.push(secretHint("DVC remote's key", namespace, "dvc-remote", "AWS_SECRET_ACCESS_KEY"));
  }
  return { ...outputs, access, standIns: scope.standIns };
};
