import { randomBytes } from "node:crypto";
import { always, type Values } from "#providers/bridged/attribute.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { retryAdvice } from "#providers/random/diagnostics.ts";
import { keepers } from "#providers/random/keepers.ts";

/** Random bytes as an identifier. Mirrors hashicorp/terraform-provider-random:internal/provider/resource_id.go (v3.9.0). */
export const randomId: ResourceKind = {
  type: "random:index/randomId:RandomId",
  schemaVersion: 0,
  attributes: {
    keepers,
    byteLength: {
      type: "integer",
      presence: "required",
      description: "The number of random bytes to produce. The minimum value is 1, which produces eight bits of randomness.",
      replaces: always,
    },
    prefix: { type: "string", presence: "optional", replaces: always },
    b64Url: { type: "string", presence: "computed" },
    b64Std: { type: "string", presence: "computed" },
    hex: { type: "string", presence: "computed" },
    dec: { type: "string", presence: "computed" },
    id: { type: "string", presence: "computed" },
  },

  create(planned) {
    const length = Number(planned["byteLength"]);
    if (length < 0 || length > 2 ** 31 - 1)
      throw new Diagnostic(
        "Randomness Generation Error",
        `${length} random bytes can't be produced: byte_length has to be from 0 to 2147483647.`,
        "byteLength",
      );
    return { ...planned, ...representations(randomBytes(length), text(planned["prefix"])) };
  },

  import(importId) {
    const separator = importId.lastIndexOf(",");
    const prefix = importId.slice(0, Math.max(separator, 0));
    const bytes = decodeBase64Url(importId.slice(separator + 1));
    return { keepers: null, byteLength: bytes.length, prefix: prefix || null, ...representations(bytes, prefix) };
  },
};

function representations(bytes: Buffer, prefix: string): Values {
  const id = bytes.toString("base64url");
  const hex = bytes.toString("hex");
  return { id, b64Url: prefix + id, b64Std: prefix + bytes.toString("base64"), hex: prefix + hex, dec: prefix + BigInt(`0x${hex || "0"}`).toString() };
}

function decodeBase64Url(encoded: string): Buffer {
  const bytes = Buffer.from(encoded, "base64url");
  if (/^[A-Za-z0-9_-]*$/.test(encoded) && encoded.length % 4 !== 1) return bytes;
  const wrong = encoded.search(/[^A-Za-z0-9_-]/);
  throw new Diagnostic(
    "Import Random ID Error",
    `While attempting to import a random id there was a decoding error.\n\n+${retryAdvice}Original Error: illegal base64 data at input byte ${wrong < 0 ? encoded.length - 1 : wrong}`,
  );
}

function text(value: Values[string] | undefined): string {
  return typeof value === "string" ? value : "";
}
