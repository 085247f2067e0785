import type { LayerDefinition } from "#config/system-definition.ts";

/** Puts layers so that each comes after those it needs, keeping the given order where that leaves a choice; or tells which ones need each other in a circle. */
export function orderLayers(layers: readonly LayerDefinition[]): { readonly order: LayerDefinition[] } | { readonly cycle: string[] } {
  const byName = new Map<string, LayerDefinition>(layers.map((layer) => [layer.layer, layer]));
  const order: LayerDefinition[] = [];
  const visit = (layer: LayerDefinition, above: readonly string[]): string[] | undefined => {
    if (order.includes(layer)) return undefined;
    const at = above.indexOf(layer.layer);
    if (at >= 0) return [...above.slice(at), layer.layer];
    for (const need of layer.needs) {
      const cycle = byName.has(need) ? visit(byName.get(need)!, [...above, layer.layer]) : undefined;
      if (cycle) return cycle;
    }
    order.push(layer);
    return undefined;
  };
  for (const layer of layers) {
    const cycle = visit(layer, []);
    if (cycle) return { cycle };
  }
  return { order };
}
