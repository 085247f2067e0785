import type { LayerSpec } from "#config/spec.ts";
import type { LayerId } from "#core/ids.ts";

export type WalkDirection = "needs-first" | "dependents-first";

/**
 * Visits every layer once, as soon as all that it waits for were visited: the layers it needs, or, backwards, those that need it. Independent layers are
 * visited at the same time. `visit` gets the layers among those it waited for whose visit answered false; it decides itself whether to go on.
 */
export async function walkLayers(
  layers: readonly LayerSpec[],
  direction: WalkDirection,
  visit: (layer: LayerSpec, failed: readonly LayerId[]) => Promise<boolean>,
): Promise<void> {
  const known = new Set(layers.map((layer) => layer.layer));
  const waitsFor = (layer: LayerSpec): readonly LayerId[] =>
    direction === "needs-first"
      ? layer.needs.filter((need) => known.has(need))
      : layers.filter((other) => other.needs.includes(layer.layer)).map((other) => other.layer);
  const visits = new Map<LayerId, Promise<boolean>>();
  const visitOnce = (layer: LayerSpec): Promise<boolean> => {
    const begun = visits.get(layer.layer);
    if (begun) return begun;
    const predecessors = waitsFor(layer).map((id) => layers.find((other) => other.layer === id)!);
    const started = Promise.all(predecessors.map(visitOnce)).then((went) =>
      visit(
        layer,
        predecessors.filter((_, i) => !went[i]).map((p) => p.layer),
      ),
    );
    visits.set(layer.layer, started);
    return started;
  };
  await Promise.all(layers.map(visitOnce));
}

/** How many layers a walk may visit at the same time, judged by how many others each has to wait for one after the other. */
export function widthOf(layers: readonly LayerSpec[]): number {
  const depths = new Map<LayerId, number>();
  const depthOf = (layer: LayerSpec): number => {
    const depth = depths.get(layer.layer) ?? 1 + Math.max(0, ...layers.filter((other) => layer.needs.includes(other.layer)).map(depthOf));
    depths.set(layer.layer, depth);
    return depth;
  };
  const counts = new Map<number, number>();
  for (const layer of layers) counts.set(depthOf(layer), (counts.get(depthOf(layer)) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}
