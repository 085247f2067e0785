/** What other layers, people and the memory budget rely on in a component that comes as a chart, whichever chart that is: the official one or our stand-in. */
export interface ComponentContract {
  readonly component: string;
  /** Name of the release; names below follow from it. */
  readonly release: string;
  readonly crds: readonly CrdContract[];
  readonly services: readonly ServiceContract[];
  readonly workloads: readonly WorkloadContract[];
  /** Secrets that the chart's pods read and our layer makes, by name with the keys they must have. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
}

export interface CrdContract {
  /** `<plural>.<group>`. */
  readonly name: string;
  readonly scope: "Namespaced" | "Cluster";
  /** A version that must be served. */
  readonly version: string;
}

export interface ServiceContract {
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  /** Port numbers by name. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface WorkloadContract {
  readonly kind: "Deployment" | "StatefulSet" | "DaemonSet";
  readonly name: string;
  /** What one pod requests, as a Kubernetes quantity. */
  readonly memory: string;
  /** A custom resource that an operator turns into this workload; its pods then carry `podLabels`. */
  readonly operatedFrom?: { readonly kind: string; readonly name: string; readonly podLabels: Readonly<Record<string, string>> };
}
