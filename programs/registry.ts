import type { LayerInput } from "#config/spec.ts";
import { StrataError } from "#core/errors.ts";
import type { LayerProgram } from "#programs/layer.ts";

/** Where each layer's program is. Loaded on demand: a runner needs one of them. */
const programs: Readonly<Record<string, Readonly<Record<string, () => Promise<LayerProgram>>>>> = {
  "local-lab": {
    cluster: async () => (await import("#programs/layers/cluster.ts")).cluster,
    external: async () => (await import("#programs/layers/external.ts")).external,
    platform_base: async () => (await import("#programs/layers/platform_base.ts")).platformBase,
    platform_data: async () => (await import("#programs/layers/platform_data.ts")).platformData,
  },
};

/** The program of a system's layer; throws `unknown_system` or `unknown_layer` naming those that have one. */
export async function layerProgram(input: Pick<LayerInput, "system" | "layer">): Promise<LayerProgram> {
  const layers = Object.hasOwn(programs, input.system) ? programs[input.system]! : undefined;
  if (!layers) throw new StrataError("unknown_system", `No programs for system '${input.system}'. Known: ${Object.keys(programs).join(", ")}.`);
  const load = Object.hasOwn(layers, input.layer) ? layers[input.layer] : undefined;
  if (!load)
    throw new StrataError("unknown_layer", `System '${input.system}' has no program for layer '${input.layer}'. Known: ${Object.keys(layers).join(", ")}.`);
  return load();
}
