/** Where the Kubernetes layers of an environment land. */
export type ClusterSpec =
  | { readonly source: "sandbox"; readonly name: string; readonly nodes: readonly SandboxNodes[] }
  | { readonly source: "kubeconfig"; readonly path: string; readonly context?: string };

/** A group of equal simulated nodes. */
export interface SandboxNodes {
  readonly count: number;
  /** Kubernetes quantity, e.g. "8". */
  readonly cpu: string;
  /** Kubernetes quantity, e.g. "32Gi". */
  readonly memory: string;
}
