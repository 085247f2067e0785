import { apiextensions } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Input } from "@pulumi/pulumi";
import { componentType } from "#programs/component-type.ts";

export interface LabRouteArgs {
  readonly host: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** Where the host's certificate comes from: a TLS Secret that exists, or the issuer that cert-manager asks for one. */
  readonly certificate: { readonly secret: string } | { readonly issuer: Input<string> };
}

/**
 * One host of the lab on Traefik's HTTPS entry point. Needs the custom resources of Traefik, and those of cert-manager when an issuer is named.
 *
 * @example
 * new LabRoute("grafana", { host: "grafana.lab.local", namespace: "monitoring", service: "monitoring-grafana", port: 80, certificate: { issuer: "lab-ca" } });
 */
export class LabRoute extends ComponentResource {
  constructor(name: string, args: LabRouteArgs, options?: ComponentResourceOptions) {
    super(componentType("LabRoute"), name, {}, options);
    const { host, namespace, service, port, certificate } = args;
    const metadata = { name, namespace };
    const secretName = "secret" in certificate ? certificate.secret : `${name}-tls`;
    if ("issuer" in certificate)
      new apiextensions.CustomResource(
        `${name}-certificate`,
        {
          apiVersion: "cert-manager.io/v1",
          kind: "Certificate",
          metadata,
          spec: { secretName, commonName: host, dnsNames: [host], issuerRef: { kind: "ClusterIssuer", name: certificate.issuer } },
        },
        { parent: this },
      );
    new apiextensions.CustomResource(
      `${name}-route`,
      {
        apiVersion: "traefik.io/v1alpha1",
        kind: "IngressRoute",
        metadata,
        spec: {
          entryPoints: ["websecure"],
          routes: [{ kind: "Rule", match: `Host(\`${host}\`)`, services: [{ name: service, port }] }],
          tls: { secretName },
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
