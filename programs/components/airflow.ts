import { batch, core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, jsonStringify, type Output, output } from "@pulumi/pulumi";
import { RandomBytes, RandomPassword } from "@pulumi/random";
import { componentType } from "#programs/component-type.ts";
import type { StoreAccess } from "#programs/components/object-store.ts";
import type { DatabaseAccess } from "#programs/components/postgres-server.ts";
import { airflowSecrets } from "#programs/layers/platform_data/values/airflow.ts";
import { installChart, type PinnedChartArgs } from "#programs/pinned-chart.ts";

export interface AirflowArgs extends PinnedChartArgs {
  readonly image: { readonly repository: string; readonly tag: string };
  readonly database: Output<DatabaseAccess>;
  /** The object store, as task code and remote logging reach it. */
  readonly store: { readonly url: string; readonly access: Output<StoreAccess> };
}

/**
 * Airflow with every Secret of ours: database connection, Fernet, JWT and API keys, the connection to the object store, and an administrator.
 *
 * @example
 * new Airflow("airflow", { chart, namespace: "data", values: airflowValues(own), image, database, store });
 */
export class Airflow extends ComponentResource {
  /** Secret with the administrator's password under `password`. */
  readonly adminSecret: string;

  constructor(name: string, args: AirflowArgs, options?: ComponentResourceOptions) {
    super(componentType("Airflow"), name, {}, options);
    const { namespace, database, store } = args;
    const own = { parent: this };
    this.adminSecret = `${name}-admin`;
    const keep = (secretName: string, data: Record<string, Input<string>>) =>
      new core.v1.Secret(secretName, { metadata: { name: secretName, namespace }, stringData: data }, own);
    const random = (key: string) => new RandomPassword(`${name}-${key}`, { length: 48, special: false }, own).result;
    const { metadata, fernet, jwt, api, connections } = airflowSecrets;
    const fernetKey = new RandomBytes(`${name}-fernet`, { length: 32 }, own).base64.apply((key) => key.replaceAll("+", "-").replaceAll("/", "_"));
    const connection = interpolate`postgresql+psycopg2://${database.user}:${database.password}@${database.host}:${database.port}/${database.database}`;
    const storeConnection = {
      conn_type: "aws",
      login: store.access.accessKey,
      password: store.access.secretKey,
      extra: { endpoint_url: store.url, region_name: "us-east-1" },
    };
    const secrets = [
      keep(metadata.secret, { [metadata.key]: connection }),
      keep(fernet.secret, { [fernet.key]: fernetKey }),
      keep(jwt.secret, { [jwt.key]: random("jwt") }),
      keep(api.secret, { [api.key]: random("api") }),
      keep(connections.secret, { [connections.store]: jsonStringify(output(storeConnection)) }),
    ];
    const admin = keep(this.adminSecret, { username: "admin", password: random("admin") });
    const chart = installChart(name, args, { parent: this, dependsOn: secrets });
    this.createAdmin(name, args, admin, [chart]);
    this.registerOutputs({ adminSecret: this.adminSecret });
  }

  /** The first user. Creating one that exists already is no error, so the Job may run again. */
  private createAdmin(name: string, { namespace, image }: AirflowArgs, admin: core.v1.Secret, dependsOn: ComponentResourceOptions["dependsOn"]): void {
    const { metadata, fernet, jwt, api } = airflowSecrets;
    const from = (envName: string, secretName: Input<string>, key: string) => ({ name: envName, valueFrom: { secretKeyRef: { name: secretName, key } } });
    const labels = { tier: "airflow", component: "create-admin", release: name };
    new batch.v1.Job(
      `${name}-create-admin`,
      {
        metadata: { namespace, labels },
        spec: {
          backoffLimit: 10,
          template: {
            metadata: { labels },
            spec: {
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              restartPolicy: "OnFailure",
              securityContext: { runAsUser: 50000, runAsGroup: 0, fsGroup: 0, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
              containers: [
                {
                  name: "create-admin",
                  image: `${image.repository}:${image.tag}`,
                  command: ["bash", "-c"],
                  args: [
                    'airflow db check-migrations --migration-wait-timeout 300 && airflow users create --role Admin --username "$ADMIN_USER" --password "$ADMIN_PASSWORD" --email admin@example.com --firstname Lab --lastname Admin',
                  ],
                  env: [
                    { name: "AIRFLOW__CORE__AUTH_MANAGER", value: "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager" },
                    from("AIRFLOW__CORE__FERNET_KEY", fernet.secret, fernet.key),
                    from("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", metadata.secret, metadata.key),
                    from("AIRFLOW__API_AUTH__JWT_SECRET", jwt.secret, jwt.key),
                    from("AIRFLOW__API__SECRET_KEY", api.secret, api.key),
                    from("ADMIN_USER", admin.metadata.name, "username"),
                    from("ADMIN_PASSWORD", admin.metadata.name, "password"),
                  ],
                  resources: { requests: { memory: "256Mi", cpu: "50m" }, limits: { memory: "512Mi" } },
                  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                },
              ],
            },
          },
        },
      },
      { parent: this, dependsOn },
    );
  }
}
