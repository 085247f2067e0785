import { join } from "node:path";
import type { SandboxCertificates } from "./certificates.ts";
import type { SandboxLayout } from "./layout.ts";
import type { SandboxPorts } from "./ports.ts";
import { simulatedLabel } from "./simulated.ts";

export const componentNames = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;
export type ComponentName = (typeof componentNames)[number];

export const serviceNetwork = "10.96.0.0/16";
export const podNetwork = "10.244.0.0/16";

export interface ComponentContext {
  readonly layout: SandboxLayout;
  readonly ports: SandboxPorts;
  readonly certificates: SandboxCertificates;
  /** The simulated nodes' behaviour. */
  readonly stages: string;
  readonly kubeconfigs: Readonly<Record<"kube-controller-manager" | "kube-scheduler" | "kwok", string>>;
}

/** The arguments that each component starts with. Every listener is on 127.0.0.1 and asks for a certificate of the sandbox's own authority. */
export function componentArguments(context: ComponentContext): Record<ComponentName, string[]> {
  const { layout, ports, certificates: pki } = context;
  const etcdClient = `https://127.0.0.1:${ports.etcd}`;
  const etcdPeer = `https://127.0.0.1:${ports.etcdPeer}`;
  return {
    etcd: [
      "--name=sandbox",
      `--data-dir=${layout.etcd}`,
      `--listen-client-urls=${etcdClient}`,
      `--advertise-client-urls=${etcdClient}`,
      `--listen-peer-urls=${etcdPeer}`,
      `--initial-advertise-peer-urls=${etcdPeer}`,
      `--initial-cluster=sandbox=${etcdPeer}`,
      `--cert-file=${pki.etcd.certificate}`,
      `--key-file=${pki.etcd.key}`,
      `--trusted-ca-file=${pki.ca.certificate}`,
      "--client-cert-auth",
      `--peer-cert-file=${pki.etcd.certificate}`,
      `--peer-key-file=${pki.etcd.key}`,
      `--peer-trusted-ca-file=${pki.ca.certificate}`,
      "--peer-client-cert-auth",
      "--auto-compaction-mode=periodic",
      "--auto-compaction-retention=1h",
      "--log-level=warn",
    ],
    "kube-apiserver": [
      `--etcd-servers=${etcdClient}`,
      `--etcd-cafile=${pki.ca.certificate}`,
      `--etcd-certfile=${pki.etcdClient.certificate}`,
      `--etcd-keyfile=${pki.etcdClient.key}`,
      "--bind-address=127.0.0.1",
      // Endpoints may not lie in the loopback range, and no simulated pod calls the API server.
      "--endpoint-reconciler-type=none",
      `--secure-port=${ports.apiServer}`,
      `--tls-cert-file=${pki.apiServer.certificate}`,
      `--tls-private-key-file=${pki.apiServer.key}`,
      `--client-ca-file=${pki.ca.certificate}`,
      "--anonymous-auth=false",
      "--authorization-mode=Node,RBAC",
      `--service-account-key-file=${pki.serviceAccount.publicKey}`,
      `--service-account-signing-key-file=${pki.serviceAccount.key}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-cluster-ip-range=${serviceNetwork}`,
      "--allow-privileged=true",
      "--profiling=false",
    ],
    "kube-controller-manager": [
      `--kubeconfig=${context.kubeconfigs["kube-controller-manager"]}`,
      `--authentication-kubeconfig=${context.kubeconfigs["kube-controller-manager"]}`,
      `--authorization-kubeconfig=${context.kubeconfigs["kube-controller-manager"]}`,
      "--authentication-skip-lookup=true",
      `--client-ca-file=${pki.ca.certificate}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.controllerManager}`,
      `--tls-cert-file=${pki.apiServer.certificate}`,
      `--tls-private-key-file=${pki.apiServer.key}`,
      `--service-account-private-key-file=${pki.serviceAccount.key}`,
      `--root-ca-file=${pki.ca.certificate}`,
      "--use-service-account-credentials=true",
      // One user on one machine: the default of 20 requests a second would be the slowest part of a start.
      "--kube-api-qps=500",
      "--kube-api-burst=1000",
      "--leader-elect=false",
      "--profiling=false",
    ],
    "kube-scheduler": [
      `--kubeconfig=${context.kubeconfigs["kube-scheduler"]}`,
      `--authentication-kubeconfig=${context.kubeconfigs["kube-scheduler"]}`,
      `--authorization-kubeconfig=${context.kubeconfigs["kube-scheduler"]}`,
      "--authentication-skip-lookup=true",
      `--client-ca-file=${pki.ca.certificate}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.scheduler}`,
      `--tls-cert-file=${pki.apiServer.certificate}`,
      `--tls-private-key-file=${pki.apiServer.key}`,
      "--leader-elect=false",
      "--profiling=false",
    ],
    kwok: [
      `--config=${context.stages}`,
      `--kubeconfig=${context.kubeconfigs.kwok}`,
      "--manage-all-nodes=false",
      `--manage-nodes-with-label-selector=${simulatedLabel}=true`,
      "--node-lease-duration-seconds=40",
      `--cidr=${podNetwork}`,
      "--v=WARN",
    ],
  };
}

/** The log file of a component. */
export function componentLog(layout: SandboxLayout, name: ComponentName): string {
  return join(layout.logs, `${name}.log`);
}
