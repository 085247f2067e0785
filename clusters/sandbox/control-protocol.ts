import type { SandboxNodes } from "#core/cluster-spec.ts";

/** `GET /status` on a supervisor's control socket. */
export interface SupervisorStatus {
  readonly id: string;
  readonly state: "starting" | "running" | "stopping" | "failed";
  /** The step it is at while starting. */
  readonly step: string;
  readonly done: number;
  readonly total: number;
  readonly server: string;
  readonly nodes: readonly SandboxNodes[];
  readonly supervisor: number;
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  /** Milliseconds from the start until each step was reached. */
  readonly timings: Readonly<Record<string, number>>;
}

/** What the supervisor is started with: `launch.json`. */
export interface SupervisorLaunch {
  readonly tools: Readonly<Record<"etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kwok", string>>;
}

/** `failure.json`: why a sandbox isn't running although it should be. */
export interface SupervisorFailure {
  readonly code: "cluster_failed" | "disk_full" | "data_folder_unusable";
  readonly detail: string;
}

/** Environment variable that every process of a sandbox carries; its value is the cluster's id. */
export const sandboxVariable = "STRATA_SANDBOX_ID";
