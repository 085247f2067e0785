/** How a cluster is, as every surface tells it. */
export interface ClusterStatus {
  readonly name: string;
  readonly source: "sandbox" | "kubeconfig";
  readonly state: "absent" | "stopped" | "starting" | "running" | "failed";
  /** Path of its kubeconfig file. */
  readonly kubeconfig?: string;
  /** Address of its API server. */
  readonly server?: string;
  /** What runs for it on this machine. */
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly memoryBytes: number }[];
  readonly detail?: string;
}
