import { type Output, StackReference } from "@pulumi/pulumi";
import type { LayerInput } from "#config/spec.ts";
import { StrataError } from "#core/errors.ts";
import { projectName } from "#core/ids.ts";
import type { LayerContext } from "#programs/layer.ts";
import { layerProgram } from "#programs/registry.ts";

export interface RunLayerOptions {
  readonly input: LayerInput;
  /** @default the upstream stacks' outputs by stack references */
  readonly upstream?: LayerContext["upstream"];
}

/** Runs the program of the layer that the input names; answers the stack's outputs. */
export async function runLayer({ input, upstream = referencedOutputs(input) }: RunLayerOptions): Promise<Record<string, unknown>> {
  const program = await layerProgram(input);
  return program({ input, upstream });
}

/** Outputs of upstream stacks as their state has them; one reference per stack. */
function referencedOutputs(input: LayerInput): LayerContext["upstream"] {
  const references = new Map<string, StackReference>();
  return (layer, name): Output<unknown> => {
    const stack = Object.hasOwn(input.upstream, layer) ? input.upstream[layer] : undefined;
    if (!stack)
      throw new StrataError("program_failed", `Layer '${input.layer}' reads output '${name}' of layer '${layer}', which isn't among the layers it needs.`);
    const reference = references.get(stack) ?? new StackReference(stack, { name: `organization/${projectName}/${stack}` });
    references.set(stack, reference);
    return reference.requireOutput(name);
  };
}
