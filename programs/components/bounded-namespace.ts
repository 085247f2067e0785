import { core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { componentType } from "#programs/component-type.ts";

export interface BoundedNamespaceArgs {
  /** What its pods may do, by Kubernetes' Pod Security Standards. @default "baseline" */
  readonly podSecurity?: "restricted" | "baseline" | "privileged";
  /** Most memory that its pods may request together. @default no limit */
  readonly memory?: string;
  /** Requests of a container that states none. */
  readonly containerDefaults: { readonly memory: string; readonly cpu: string };
}

/**
 * A namespace whose pods have default requests, a cap on memory and a Pod Security level. Named like the resource.
 *
 * @example
 * new BoundedNamespace("argocd", { memory: "2Gi", containerDefaults: { memory: "64Mi", cpu: "10m" } });
 */
export class BoundedNamespace extends ComponentResource {
  constructor(name: string, args: BoundedNamespaceArgs, options?: ComponentResourceOptions) {
    super(componentType("BoundedNamespace"), name, {}, options);
    const { podSecurity = "baseline", memory, containerDefaults } = args;
    const labels = { "pod-security.kubernetes.io/enforce": podSecurity, "pod-security.kubernetes.io/warn": podSecurity };
    const namespace = new core.v1.Namespace(name, { metadata: { name, labels } }, { parent: this });
    const metadata = { name: "strata", namespace: namespace.metadata.name };
    new core.v1.LimitRange(name, { metadata, spec: { limits: [{ type: "Container", defaultRequest: { ...containerDefaults } }] } }, { parent: this });
    if (memory) new core.v1.ResourceQuota(name, { metadata, spec: { hard: { "requests.memory": memory } } }, { parent: this });
    this.registerOutputs({});
  }
}
