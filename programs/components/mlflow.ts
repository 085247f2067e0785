import { core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { componentType } from "#programs/component-type.ts";
import type { StoreAccess } from "#programs/components/object-store.ts";
import type { DatabaseAccess } from "#programs/components/postgres-server.ts";
import { mlflowSecrets } from "#programs/layers/platform_data/values/mlflow.ts";
import { installChart, type PinnedChartArgs } from "#programs/pinned-chart.ts";

export interface MlflowArgs extends PinnedChartArgs {
  readonly database: Output<DatabaseAccess>;
  readonly store: Output<StoreAccess>;
}

/**
 * MLflow tracking server with Secrets of ours: database role, key for the artifact bucket, key that signs its sessions.
 *
 * @example
 * new Mlflow("mlflow", { chart, namespace: "data", values: mlflowValues(own), database, store });
 */
export class Mlflow extends ComponentResource {
  constructor(name: string, args: MlflowArgs, options?: ComponentResourceOptions) {
    super(componentType("Mlflow"), name, {}, options);
    const { namespace, database: role, store: access } = args;
    const { flask, database, store } = mlflowSecrets;
    const own = { parent: this };
    const sessionKey = new RandomPassword(`${name}-flask`, { length: 48, special: false }, own).result;
    const secrets = [
      new core.v1.Secret(`${name}-flask`, { metadata: { name: flask.secret, namespace }, stringData: { [flask.key]: sessionKey } }, own),
      new core.v1.Secret(
        `${name}-database`,
        { metadata: { name: database.secret, namespace }, stringData: { [database.userKey]: role.user, [database.passwordKey]: role.password } },
        own,
      ),
      new core.v1.Secret(
        `${name}-s3`,
        { metadata: { name: store.secret, namespace }, stringData: { [store.accessKey]: access.accessKey, [store.secretKey]: access.secretKey } },
        own,
      ),
    ];
    installChart(name, args, { parent: this, dependsOn: secrets });
    this.registerOutputs({});
  }
}
