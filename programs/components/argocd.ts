import { core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { componentType } from "#programs/component-type.ts";
import type { KeyPair } from "#programs/components/lab-authority.ts";
import { installChart, type PinnedChartArgs } from "#programs/pinned-chart.ts";

export interface ArgoCdArgs extends PinnedChartArgs {
  /** Certificate of its host. */
  readonly tls: KeyPair;
}

/**
 * Argo CD with Secrets of ours: its Redis password, its server key with the administrator's password, and the TLS Secret of its host.
 *
 * @example
 * new ArgoCd("argocd", { chart, namespace: "argocd", values: argocdValues({ domain: "lab.local" }), tls: authority.issue("argocd", "argocd.lab.local") });
 */
export class ArgoCd extends ComponentResource {
  /** TLS Secret of its host. */
  readonly tlsSecret: string;
  /** Secret with the administrator's password under `password`. */
  readonly adminSecret: string;

  constructor(name: string, args: ArgoCdArgs, options?: ComponentResourceOptions) {
    super(componentType("ArgoCd"), name, {}, options);
    const { namespace, tls } = args;
    const own = { parent: this };
    this.tlsSecret = `${name}-lab-tls`;
    this.adminSecret = `${name}-admin`;
    const password = (part: string) => new RandomPassword(`${name}-${part}`, { length: 32, special: false }, own);
    const admin = password("admin");
    const partOf = { "app.kubernetes.io/part-of": "argocd" };
    const secrets = [
      new core.v1.Secret(`${name}-redis`, { metadata: { name: "argocd-redis", namespace }, stringData: { auth: password("redis").result } }, own),
      // Argo CD adds keys of its own to this Secret while it runs; those are left alone.
      new core.v1.Secret(
        `${name}-secret`,
        {
          metadata: { name: "argocd-secret", namespace, labels: partOf },
          stringData: { "admin.password": admin.bcryptHash, "admin.passwordMtime": "2026-01-01T00:00:00Z", "server.secretkey": password("server-key").result },
        },
        own,
      ),
      new core.v1.Secret(`${name}-admin`, { metadata: { name: this.adminSecret, namespace }, stringData: { username: "admin", password: admin.result } }, own),
      new core.v1.Secret(
        `${name}-lab-tls`,
        { metadata: { name: this.tlsSecret, namespace }, type: "kubernetes.io/tls", stringData: { "tls.crt": tls.certificate, "tls.key": tls.key } },
        own,
      ),
    ];
    installChart(name, args, { parent: this, dependsOn: secrets });
    this.registerOutputs({ tlsSecret: this.tlsSecret, adminSecret: this.adminSecret });
  }
}
