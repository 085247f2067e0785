import { always } from "#providers/bridged/attribute.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { keepers } from "#providers/random/keepers.ts";
import { permutation, type RandomSource } from "#providers/random/random-source.ts";

/** A list in random order. `sourceFor` answers the generator for a seed. Mirrors hashicorp/terraform-provider-random:internal/provider/resource_shuffle.go (v3.9.0). */
export function randomShuffle(sourceFor: (seed: string) => RandomSource): ResourceKind {
  return {
    type: "random:index/randomShuffle:RandomShuffle",
    schemaVersion: 0,
    attributes: {
      keepers,
      seed: { type: "string", presence: "optional", replaces: always },
      inputs: { type: { list: "string" }, presence: "required", upstreamName: "input", description: "The list of strings to shuffle.", replaces: always },
      resultCount: { type: "integer", presence: "optional", replaces: always },
      results: { type: { list: "string" }, presence: "computed", upstreamName: "result" },
      id: { type: "string", presence: "computed" },
    },

    create(planned) {
      const inputs = Array.isArray(planned["inputs"]) ? planned["inputs"] : [];
      const count = typeof planned["resultCount"] === "number" ? planned["resultCount"] : inputs.length;
      const source = sourceFor(typeof planned["seed"] === "string" ? planned["seed"] : "");
      return { ...planned, id: "-", results: shuffled(inputs, count, source) };
    },
  };
}

/** As many elements as asked for, from one permutation after the other; a negative count gives one, as upstream does. */
function shuffled<T>(inputs: readonly T[], count: number, source: RandomSource): T[] {
  const results: T[] = [];
  if (count === 0 || inputs.length === 0) return results;
  for (;;)
    for (const place of permutation(inputs.length, source)) {
      results.push(inputs[place]!);
      if (results.length >= count) return results;
    }
}
