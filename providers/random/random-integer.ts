import { always } from "#providers/bridged/attribute.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { keepers } from "#providers/random/keepers.ts";
import type { RandomSource } from "#providers/random/random-source.ts";

/** A number of a range. `sourceFor` answers the generator for a seed. Mirrors hashicorp/terraform-provider-random:internal/provider/resource_integer.go (v3.9.0). */
export function randomInteger(sourceFor: (seed: string) => RandomSource): ResourceKind {
  return {
    type: "random:index/randomInteger:RandomInteger",
    schemaVersion: 0,
    attributes: {
      keepers,
      min: { type: "integer", presence: "required", description: "The minimum inclusive value of the range.", replaces: always },
      max: { type: "integer", presence: "required", description: "The maximum inclusive value of the range.", replaces: always },
      seed: { type: "string", presence: "optional", replaces: always },
      result: { type: "integer", presence: "computed" },
      id: { type: "string", presence: "computed" },
    },

    create(planned) {
      const [min, max] = [BigInt(Number(planned["min"])), BigInt(Number(planned["max"]))];
      if (max < min)
        throw new Diagnostic("Create Random Integer Error", "The minimum (minVal) value needs to be smaller than or equal to maximum (maxVal) value.");
      const seed = typeof planned["seed"] === "string" ? planned["seed"] : "";
      const number = sourceFor(seed).below(max + 1n - min) + min;
      return { ...planned, seed: seed || null, result: Number(number), id: number.toString() };
    },

    import(importId) {
      const parts = importId.split(",");
      if (parts.length !== 3 && parts.length !== 4)
        throw new Diagnostic(summary, "Invalid import usage: expecting {result},{min},{max} or {result},{min},{max},{seed}");
      const [result, min, max, seed] = parts as [string, string, string, string?];
      return {
        keepers: null,
        result: parse(result, "value"),
        min: parse(min, "min value"),
        max: parse(max, "max value"),
        seed: seed ?? null,
        id: result,
      };
    },
  };
}

const summary = "Import Random Integer Error";

function parse(text: string, what: string): number {
  if (/^[+-]?\d+$/.test(text)) {
    const number = BigInt(text.replace(/^\+/, ""));
    if (number === BigInt.asIntN(64, number)) return Number(number);
  }
  const reason = /^[+-]?\d+$/.test(text) ? "value out of range" : "invalid syntax";
  throw new Diagnostic(
    summary,
    `The ${what} supplied could not be parsed as an integer.\n\nOriginal Error: strconv.ParseInt: parsing ${JSON.stringify(text)}: ${reason}`,
  );
}
