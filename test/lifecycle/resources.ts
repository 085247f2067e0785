import pulumi from "@pulumi/pulumi";

/** A resource of the fake package that takes any properties. */
export class Thing extends pulumi.CustomResource {
  declare readonly value: pulumi.Output<unknown>;
  declare readonly size: pulumi.Output<number>;
  declare readonly secret: pulumi.Output<string>;

  constructor(name: string, properties: pulumi.Inputs = {}, options: pulumi.CustomResourceOptions = {}) {
    super("fake:index:Thing", name, { value: undefined, size: undefined, secret: undefined, ...properties }, { version: "1.0.0", ...options });
  }

  static read(name: string, id: pulumi.Input<pulumi.ID>, options: pulumi.CustomResourceOptions = {}): Thing {
    return new Thing(name, {}, { ...options, id });
  }
}

/** A component of the program. */
export class Group extends pulumi.ComponentResource {
  constructor(name: string, inputs: pulumi.Inputs = {}, options: pulumi.ComponentResourceOptions = {}) {
    super("test:index:Group", name, inputs, options);
  }
}

/** An explicit provider of the fake package. */
export class FakeProvider extends pulumi.ProviderResource {
  constructor(name: string, properties: pulumi.Inputs = {}, options: pulumi.ResourceOptions = {}) {
    super("fake", name, properties, { version: "1.0.0", ...options });
  }
}

/** A custom resource of any type. */
export class Anything extends pulumi.CustomResource {}
