import PetName from "petname";
import { always } from "#providers/bridged/attribute.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { keepers } from "#providers/random/keepers.ts";
import { machineRandom } from "#providers/random/random-source.ts";

/** A name that people can remember. Mirrors hashicorp/terraform-provider-random:internal/provider/resource_pet.go (v3.9.0). */
export const randomPet: ResourceKind = {
  type: "random:index/randomPet:RandomPet",
  schemaVersion: 0,
  attributes: {
    keepers,
    length: { type: "integer", presence: "optional-computed", default: 2, replaces: always },
    prefix: { type: "string", presence: "optional", replaces: always },
    separator: { type: "string", presence: "optional-computed", default: "-", replaces: always },
    id: { type: "string", presence: "computed" },
  },

  create(planned) {
    const separator = String(planned["separator"]);
    const prefix = typeof planned["prefix"] === "string" ? planned["prefix"] : "";
    const pet = petWords(Number(planned["length"])).join(separator).toLowerCase();
    return { ...planned, prefix: prefix || null, id: prefix ? `${prefix}${separator}${pet}` : pet };
  },
};

/** Adverbs, an adjective and an animal's name; fewer than one word isn't possible, so 0 and less give two. */
function petWords(count: number): string[] {
  const { adverbs, adjectives, names } = PetName.prototype;
  if (count === 1) return [pick(names)];
  return [...Array.from({ length: Math.max(count - 2, 0) }, () => pick(adverbs)), pick(adjectives), pick(names)];
}

function pick(words: readonly string[]): string {
  return words[Number(machineRandom.below(BigInt(words.length)))]!;
}
