import { createRequire } from "node:module";
import type { ProviderPackage } from "#providers/contract.ts";
import { type Environment, KubernetesProvider } from "#providers/kubernetes/provider.ts";

export interface KubernetesPackageOptions {
  /** Environment of the operation: KUBECONFIG, HOME and the `PULUMI_K8S_…` settings. */
  readonly environment: Environment;
  /** Path of the helm program (3.8 or newer, 4 included), or how to get it when it is first needed. @default `helm` on the PATH */
  readonly helm?: string | (() => Promise<string>);
  /** The same for kubectl, which builds kustomizations. @default `kubectl` on the PATH */
  readonly kubectl?: string | (() => Promise<string>);
}

/** The resources of `@pulumi/kubernetes`, talking to API servers directly. */
export function kubernetesPackage(options: KubernetesPackageOptions): ProviderPackage {
  const { version } = createRequire(import.meta.url)("@pulumi/kubernetes/package.json") as { version: string };
  return { name: "kubernetes", version, open: (host) => new KubernetesProvider(host, options.environment) };
}
