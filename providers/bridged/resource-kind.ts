import type { Attributes, Values } from "#providers/bridged/attribute.ts";
import type { Diagnostic } from "#providers/bridged/diagnostic.ts";

/** A plan as the attribute rules made it, for {@link ResourceKind.adjustPlan}. */
export interface PlanRequest {
  readonly config: Values;
  /** Absent when the resource is to be created. */
  readonly prior: Values | undefined;
  readonly planned: Values;
  /** Attributes whose change replaces the resource. */
  readonly replaces: readonly string[];
}

export interface Plan {
  readonly planned: Values;
  readonly replaces: readonly string[];
}

/** One kind of resource of a package that Pulumi bridges from Terraform's plugin framework. */
export interface ResourceKind {
  /** Pulumi type token, `package:index/name:Name`. */
  readonly type: string;
  /** Version of the state's layout; 0 isn't recorded. */
  readonly schemaVersion: number;
  readonly attributes: Attributes;
  /** What is wrong with the configuration beyond types and missing values. */
  validate?(config: Values): readonly Diagnostic[];
  adjustPlan?(request: PlanRequest): Plan;
  /** Makes the resource: the plan with its unknown values filled in. Only `config` has write-only values. Throws {@link Diagnostic}. */
  create(planned: Values, config: Values, warn: (warning: Diagnostic) => void): Values | Promise<Values>;
  /** The state as it is now. Absent when nothing but an update changes it. */
  read?(state: Values): Values;
  /** The state that an import id stands for. Absent when the kind can't be imported. Throws {@link Diagnostic}. */
  import?(id: string): Values | Promise<Values>;
  /** Brings the state of an older layout up to date. */
  upgrade?(state: Values, version: number): Values | Promise<Values>;
  /** The state without peculiarities that older providers left in this layout. */
  mend?(state: Values): Values;
  /** The resource's id. @default the attribute `id` */
  idOf?(state: Values): string;
}
