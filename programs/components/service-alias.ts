import { core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Input } from "@pulumi/pulumi";
import { componentType } from "#programs/component-type.ts";

export interface ServiceAliasArgs {
  readonly namespace: string;
  /** DNS name that the alias leads to. */
  readonly target: Input<string>;
}

/**
 * A name in one namespace for a service elsewhere. Charts get the alias, which is known before anything runs; where the service really is may then be found
 * out, or change, without rendering them anew.
 *
 * @example
 * new ServiceAlias("postgres", { namespace: "data", target: "postgres.external.svc.cluster.local" });
 */
export class ServiceAlias extends ComponentResource {
  constructor(name: string, { namespace, target }: ServiceAliasArgs, options?: ComponentResourceOptions) {
    super(componentType("ServiceAlias"), name, {}, options);
    new core.v1.Service(name, { metadata: { name, namespace }, spec: { type: "ExternalName", externalName: target } }, { parent: this });
    this.registerOutputs({});
  }
}
