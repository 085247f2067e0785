import { randomBytes } from "node:crypto";
import { compare, encodeBase64, hash } from "bcryptjs";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { characterAttributes, completeCharacters, importedCharacters, randomText, validateCharacters } from "#providers/random/characters.ts";

/** A random text that is secret, with its bcrypt hash. Mirrors hashicorp/terraform-provider-random:internal/provider/resource_password.go (v3.9.0). */
export const randomPassword: ResourceKind = {
  type: "random:index/randomPassword:RandomPassword",
  schemaVersion: 3,
  attributes: {
    ...characterAttributes,
    result: { type: "string", presence: "computed", sensitive: true },
    bcryptHash: { type: "string", presence: "computed", sensitive: true },
    id: { type: "string", presence: "computed" },
  },
  validate: validateCharacters,

  async create(planned) {
    const password = randomText(planned);
    return { ...planned, result: password, bcryptHash: await bcryptHash(password), id: "none" };
  },

  import: async (id) => ({ ...importedCharacters(id), bcryptHash: await bcryptHash(id), id: "none" }),

  /** Layouts before the second had no hash; the second's may belong to another text. */
  async upgrade(state) {
    const completed = completeCharacters(state);
    const { result, bcryptHash: recorded } = completed;
    if (typeof result !== "string") return completed;
    const fits = typeof recorded === "string" && (await compare(result, recorded));
    return fits ? completed : { ...completed, bcryptHash: await bcryptHash(result) };
  },
};

/** Cost 10, and the identifier that Go writes; only the first 72 bytes count, as always with bcrypt. */
async function bcryptHash(password: string): Promise<string> {
  return hash(password, `$2a$10$${encodeBase64([...randomBytes(16)], 16)}`);
}
