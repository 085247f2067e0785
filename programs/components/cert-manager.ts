import { apiextensions, core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { componentType } from "#programs/component-type.ts";
import type { KeyPair } from "#programs/components/lab-authority.ts";
import { installChart, type PinnedChartArgs } from "#programs/pinned-chart.ts";

export interface CertManagerArgs extends PinnedChartArgs {
  /** Authority that signs for the cluster issuer. */
  readonly authority: KeyPair;
  /** Name of the cluster issuer. */
  readonly issuer: string;
}

/**
 * cert-manager with a cluster issuer that signs with an authority of ours.
 *
 * @example
 * new CertManager("cert-manager", { chart, namespace: "cert-manager", values: certManagerValues(), authority, issuer: "lab-ca" });
 */
export class CertManager extends ComponentResource {
  constructor(name: string, args: CertManagerArgs, options?: ComponentResourceOptions) {
    super(componentType("CertManager"), name, {}, options);
    const { authority, issuer, namespace } = args;
    const chart = installChart(name, args, { parent: this });
    // cert-manager looks for the Secrets of cluster issuers in its own namespace.
    const secret = new core.v1.Secret(
      issuer,
      { metadata: { name: issuer, namespace }, type: "kubernetes.io/tls", stringData: { "tls.crt": authority.certificate, "tls.key": authority.key } },
      { parent: this },
    );
    new apiextensions.CustomResource(
      issuer,
      { apiVersion: "cert-manager.io/v1", kind: "ClusterIssuer", metadata: { name: issuer }, spec: { ca: { secretName: issuer } } },
      { parent: this, dependsOn: [chart, secret] },
    );
    this.registerOutputs({});
  }
}
