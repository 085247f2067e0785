import { core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { componentType } from "#programs/component-type.ts";
import type { StoreAccess } from "#programs/components/object-store.ts";

export interface DvcRemoteArgs {
  readonly namespace: string;
  /** Bucket that holds the data sets' versions. */
  readonly bucket: string;
  readonly store: { readonly url: string; readonly access: Output<StoreAccess> };
}

/**
 * What DVC needs to use a bucket as its remote: a ConfigMap with its `config`, and a Secret with the key as the environment variables that it reads.
 *
 * @example
 * new DvcRemote("dvc-remote", { namespace: "data", bucket: "dvc", store });
 */
export class DvcRemote extends ComponentResource {
  constructor(name: string, { namespace, bucket, store }: DvcRemoteArgs, options?: ComponentResourceOptions) {
    super(componentType("DvcRemote"), name, {}, options);
    const config = `[core]\n    remote = lab\n['remote "lab"']\n    url = s3://${bucket}\n    endpointurl = ${store.url}\n`;
    new core.v1.ConfigMap(name, { metadata: { name, namespace }, data: { config } }, { parent: this });
    new core.v1.Secret(
      name,
      { metadata: { name, namespace }, stringData: { AWS_ACCESS_KEY_ID: store.access.accessKey, AWS_SECRET_ACCESS_KEY: store.access.secretKey } },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
