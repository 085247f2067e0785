import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { characterAttributes, completeCharacters, importedCharacters, randomText, validateCharacters } from "#providers/random/characters.ts";

/** A random text that isn't secret. Mirrors hashicorp/terraform-provider-random:internal/provider/resource_string.go (v3.9.0). */
export const randomString: ResourceKind = {
  type: "random:index/randomString:RandomString",
  schemaVersion: 2,
  attributes: { ...characterAttributes, result: { type: "string", presence: "computed" }, id: { type: "string", presence: "computed" } },
  validate: validateCharacters,

  create(planned) {
    const text = randomText(planned);
    return { ...planned, result: text, id: text };
  },

  import: (id) => ({ ...importedCharacters(id), id }),
  upgrade: completeCharacters,
};
