import type { ClusterStatus } from "#core/cluster-status.ts";

/** Where Kubernetes layers land, behind one interface: a local sandbox or a context of somebody's kubeconfig. */
export interface Cluster {
  readonly source: "sandbox" | "kubeconfig";
  readonly name: string;
  /** Absolute path of a kubeconfig file. */
  readonly kubeconfig: string;
  /** Context inside it; the current one when absent. */
  readonly context?: string;
  /** What isn't real here, one sentence each; empty for a real cluster. */
  readonly simulated: readonly string[];
}

export interface EnsureOptions {
  /** Steps on the way up: tools being found or built, processes becoming healthy. */
  readonly onProgress: (message: string, done?: number, total?: number) => void;
  readonly signal: AbortSignal;
}

export interface ClusterSource {
  /** Makes the cluster answer: starts, adopts or just checks it. Throws `cluster_unreachable`, `cluster_failed` or `tool_unavailable`. */
  ensure(options: EnsureOptions): Promise<Cluster>;
  status(): Promise<ClusterStatus>;
  /** Stops what Strata started; data stays. Nothing to do for somebody else's cluster. */
  stop(): Promise<void>;
  /** Stops it and removes its data. Nothing to do for somebody else's cluster. */
  wipe(): Promise<void>;
}
