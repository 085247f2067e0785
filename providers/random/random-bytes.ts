import { randomBytes as machineBytes } from "node:crypto";
import { always } from "#providers/bridged/attribute.ts";
import { invalidValue } from "#providers/bridged/check-inputs.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { retryAdvice } from "#providers/random/diagnostics.ts";

const attributes: ResourceKind["attributes"] = {
  keepers: { type: { map: "string" }, presence: "optional", replaces: always },
  length: {
    type: "integer",
    presence: "required",
    description: "The number of bytes requested. The minimum value for length is 1.",
    replaces: always,
  },
  base64: { type: "string", presence: "computed", sensitive: true },
  hex: { type: "string", presence: "computed", sensitive: true },
};

/**
 * Random bytes as a secret. The id is the bytes in base64, in the clear: ids can't be secret, and the genuine provider does so too.
 * Mirrors hashicorp/terraform-provider-random:internal/provider/resource_bytes.go (v3.9.0).
 */
export const randomBytes: ResourceKind = {
  type: "random:index/randomBytes:RandomBytes",
  schemaVersion: 0,
  attributes,
  validate: ({ length }) => (typeof length === "number" && length < 1 ? [invalidValue(attributes, "length", "value must be at least 1", String(length))] : []),

  create(planned) {
    const length = Number(planned["length"]);
    if (length > 2 ** 31 - 1)
      throw new Diagnostic("Create Random bytes error", `${length} random bytes can't be produced: length has to be at most 2147483647.`, "length");
    const bytes = machineBytes(length);
    return { ...planned, base64: bytes.toString("base64"), hex: bytes.toString("hex") };
  },

  import(id) {
    const bytes = Buffer.from(id, "base64");
    if (bytes.toString("base64") !== id)
      throw new Diagnostic(
        "Import Random bytes Error",
        `There was an error during the parsing of the base64 string.\n\n${retryAdvice}Original Error: illegal base64 data at input byte ${firstIllegal(id)}`,
      );
    return { keepers: null, length: bytes.length, base64: id, hex: bytes.toString("hex") };
  },

  idOf: ({ base64 }) => String(base64 ?? ""),
};

function firstIllegal(text: string): number {
  const wrong = text.search(/[^A-Za-z0-9+/]/);
  return wrong < 0 ? text.length : wrong;
}
