import { storage } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { StrataError } from "#core/errors.ts";
import { componentType } from "#programs/component-type.ts";

const defaultAnnotation = "storageclass.kubernetes.io/is-default-class";

/**
 * Reads a storage class that the cluster must already have and checks that it is the default one, since every volume of the platform relies on that.
 *
 * @example
 * new DefaultStorageClass("storage", { class: "local-path" });
 */
export class DefaultStorageClass extends ComponentResource {
  /** Name of the class. */
  readonly className: Output<string>;

  constructor(name: string, args: { readonly class: string }, options?: ComponentResourceOptions) {
    super(componentType("DefaultStorageClass"), name, {}, options);
    const found = storage.v1.StorageClass.get(name, args.class, { parent: this });
    this.className = found.metadata.apply((metadata) => {
      if (metadata.annotations?.[defaultAnnotation] === "true") return args.class;
      throw new StrataError(
        "program_failed",
        `Storage class '${args.class}' isn't the cluster's default. Set 'components.kubernetes.storageClass' to the class that is, or annotate this one with ${defaultAnnotation}=true.`,
      );
    });
    this.registerOutputs({ className: this.className });
  }
}
