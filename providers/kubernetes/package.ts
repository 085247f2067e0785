import { createRequire } from "node:module";
import type { ProviderPackage } from "#providers/contract.ts";
import { KubernetesProvider } from "#providers/kubernetes/provider.ts";

export interface KubernetesPackageOptions {
  /** Environment of the operation: KUBECONFIG, HOME and the `PULUMI_K8S_…` settings. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the helm program (3.8 or newer, 4 included), or how to get it when it is first needed. @default `helm` on the PATH */
  readonly helm?: string | (() => Promise<string>);
  /** The same for kubectl, which builds kustomizations. @default `kubectl` on the PATH */
  readonly kubectl?: string | (() => Promise<string>);
}

/** The resources of `@pulumi/kubernetes`, talking to API servers directly. */
export function kubernetesPackage(options: KubernetesPackageOptions): ProviderPackage {
  const { version } = createRequire(import.meta.url)("@pulumi/kubernetes/package.json") as { version: string };
  const { environment, helm = "helm", kubectl = "kubectl" } = options;
  return { name: "kubernetes", version, open: (host) => new KubernetesProvider(host, { version, environment, helm, kubectl }) };
}
