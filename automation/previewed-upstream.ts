import { type Output, output as outputOf, StackReference, secret, unknown } from "@pulumi/pulumi";
import type { StackAction } from "#automation/stack-action.ts";
import { StrataError } from "#core/errors.ts";
import { projectName } from "#core/ids.ts";

/**
 * How a layer's program gets at the outputs of the layers it needs while the whole environment is previewed: an upstream layer may not exist yet, or be
 * about to change. What its own preview answered counts; what that couldn't know stays unknown.
 */
export function previewedUpstream(action: StackAction): (layer: string, output: string) => Output<unknown> {
  const references = new Map<string, StackReference>();
  const referenceTo = (stack: string): StackReference => {
    const reference = references.get(stack) ?? new StackReference(stack, { name: `organization/${projectName}/${stack}` });
    references.set(stack, reference);
    return reference;
  };
  return (layer, name) => {
    const stack = action.input.upstream[layer];
    if (!stack)
      throw new StrataError("program_failed", `Layer '${action.layer}' reads output '${name}' of layer '${layer}', which isn't among the layers it needs.`);
    const previewed = action.previewed[layer];
    if (!previewed) return referenceTo(stack).requireOutput(name);
    // The reference is registered whenever the upstream stack exists, so that a preview shows no change that an up wouldn't make.
    const stored = action.existing.includes(layer) ? referenceTo(stack).getOutput(name) : undefined;
    const view = previewed[name];
    if (view && "value" in view) return outputOf(view.value);
    if (view && "secret" in view) return stored ?? secret(outputOf(unknown));
    return outputOf(unknown);
  };
}
