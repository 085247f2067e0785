import { batch, core } from "@pulumi/kubernetes";
import type { Resource } from "@pulumi/pulumi";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output, secret } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { componentType } from "#programs/component-type.ts";
import { prepareStoreScript } from "#programs/components/prepare-store-script.ts";
import { minioRoot } from "#programs/layers/platform_data/values/minio.ts";
import { installChart, type PinnedChartArgs } from "#programs/pinned-chart.ts";

export interface ObjectStoreArgs extends PinnedChartArgs {
  /** Image with MinIO's client, `mc`. */
  readonly clientImage: string;
  readonly buckets: readonly string[];
  /** Users by name (which is their access key), each with the buckets it may read and write. */
  readonly users: Readonly<Record<string, readonly string[]>>;
}

/** How an application reaches the store. */
export interface StoreAccess {
  readonly accessKey: string;
  readonly secretKey: string;
}

/**
 * MinIO with its buckets, and a user per application that may use only its own.
 *
 * @example
 * new ObjectStore("minio", { chart, namespace: "data", values: minioValues(own), clientImage: "minio/mc:RELEASE…", buckets: ["mlflow"], users: { mlflow: ["mlflow"] } });
 */
export class ObjectStore extends ComponentResource {
  /** Address inside the cluster. */
  readonly url: string;
  /** By user; secret. */
  readonly users: Output<Record<string, StoreAccess>>;

  constructor(name: string, args: ObjectStoreArgs, options?: ComponentResourceOptions) {
    super(componentType("ObjectStore"), name, {}, options);
    const { namespace } = args;
    const own = { parent: this };
    this.url = `http://${name}.${namespace}.svc.cluster.local:9000`;
    const random = (key: string) => new RandomPassword(`${name}-${key}`, { length: 40, special: false }, own).result;
    const root = new core.v1.Secret(
      `${name}-root`,
      { metadata: { name: minioRoot.secret, namespace }, stringData: { [minioRoot.userKey]: "lab-root", [minioRoot.passwordKey]: random("root") } },
      own,
    );
    const server = installChart(name, args, { parent: this, dependsOn: [root] });

    const keys = Object.fromEntries(Object.keys(args.users).map((user) => [user, random(user)]));
    // Immutable and with generated names: a change makes new ones, and so a new Job.
    const users = new core.v1.Secret(`${name}-users`, { metadata: { namespace }, immutable: true, stringData: keys }, own);
    const policies = Object.fromEntries(Object.entries(args.users).map(([user, buckets]) => [`${user}.json`, JSON.stringify(policyFor(buckets))]));
    const policyFiles = new core.v1.ConfigMap(`${name}-policies`, { metadata: { namespace }, immutable: true, data: policies }, own);
    this.prepare(name, args, { root: root.metadata.name, users: users.metadata.name, policies: policyFiles.metadata.name }, [server]);

    this.users = secret(keys).apply((all) => Object.fromEntries(Object.entries(all).map(([user, secretKey]) => [user, { accessKey: user, secretKey }])));
    this.registerOutputs({ url: this.url });
  }

  private prepare(
    name: string,
    args: ObjectStoreArgs,
    from: { root: Output<string>; users: Output<string>; policies: Output<string> },
    dependsOn: Input<Resource>[],
  ): void {
    const fromRoot = (key: string) => ({ valueFrom: { secretKeyRef: { name: from.root, key } } });
    const labels = { "app.kubernetes.io/name": "minio-prepare", "app.kubernetes.io/instance": name };
    new batch.v1.Job(
      `${name}-prepare`,
      {
        metadata: { namespace: args.namespace, labels },
        spec: {
          backoffLimit: 10,
          template: {
            metadata: { labels },
            spec: {
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              restartPolicy: "OnFailure",
              securityContext: { runAsUser: 1000, runAsGroup: 1000, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
              containers: [
                {
                  name: "prepare",
                  image: args.clientImage,
                  command: ["sh", "-c", prepareStoreScript],
                  env: [
                    { name: "STORE_URL", value: this.url },
                    { name: "BUCKETS", value: args.buckets.join(" ") },
                    { name: "ROOT_USER", ...fromRoot(minioRoot.userKey) },
                    { name: "ROOT_PASSWORD", ...fromRoot(minioRoot.passwordKey) },
                    { name: "MC_CONFIG_DIR", value: "/tmp/mc" },
                  ],
                  resources: { requests: { memory: "64Mi", cpu: "10m" }, limits: { memory: "256Mi" } },
                  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                  volumeMounts: [
                    { name: "users", mountPath: "/users", readOnly: true },
                    { name: "policies", mountPath: "/policies", readOnly: true },
                    { name: "tmp", mountPath: "/tmp" },
                  ],
                },
              ],
              volumes: [
                { name: "users", secret: { secretName: from.users } },
                { name: "policies", configMap: { name: from.policies } },
                { name: "tmp", emptyDir: {} },
              ],
            },
          },
        },
      },
      { parent: this, dependsOn },
    );
  }
}

/** Read and write in some buckets, nothing elsewhere. */
function policyFor(buckets: readonly string[]) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
        Resource: buckets.map((bucket) => `arn:aws:s3:::${bucket}`),
      },
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
        Resource: buckets.map((bucket) => `arn:aws:s3:::${bucket}/*`),
      },
    ],
  };
}
