import type { Output } from "@pulumi/pulumi";
import type { LayerInput } from "#config/spec.ts";

/** What a layer's program gets. Nothing else may reach it: no closures over the controller, no environment. */
export interface LayerContext {
  readonly input: LayerInput;
  /** An output of a layer this one needs: a stack reference in a run, a previewed or unknown value in a preview of the whole environment. */
  upstream(layer: string, output: string): Output<unknown>;
}

/** One layer as an inline Pulumi program; answers the stack's outputs. */
export type LayerProgram = (context: LayerContext) => Promise<Record<string, unknown>>;
