import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { retryAdvice } from "#providers/random/diagnostics.ts";
import { keepers } from "#providers/random/keepers.ts";

/** A kind of resource whose result and id are a UUID. `parse` answers the 32 digits of an import id, or throws an `Error` that says what is wrong. */
export function uuidKind(type: string, generate: () => string, parse: (text: string) => string): ResourceKind {
  return {
    type,
    schemaVersion: 0,
    attributes: { keepers, result: { type: "string", presence: "computed" }, id: { type: "string", presence: "computed" } },

    create(planned) {
      const uuid = generate();
      return { ...planned, result: uuid, id: uuid };
    },

    import(id) {
      const uuid = formatUuid(digitsOf(id, parse));
      return { keepers: null, result: uuid, id: uuid };
    },
  };
}

/** 8-4-4-4-12, lower case. */
export function formatUuid(digits: string): string {
  return digits.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Takes the forms that github.com/google/uuid (v1.6.0) takes: plain, in braces, with `urn:uuid:`, without dashes. */
export function parseAnyForm(text: string): string {
  const plain = /^urn:uuid:/i.test(text) && text.length === 45 ? text.slice(9) : text.length === 38 ? text.slice(1, -1) : text;
  if (text.length === 45 && plain === text) throw new Error(`invalid urn prefix: ${JSON.stringify(text.slice(0, 9))}`);
  if (plain.length !== 36 && plain.length !== 32) throw new Error(`invalid UUID length: ${text.length}`);
  const digits = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(plain) ? plain.replaceAll("-", "") : "";
  if (digits.length !== 32) throw new Error("invalid UUID format");
  return digits;
}

function digitsOf(text: string, parse: (text: string) => string): string {
  try {
    return parse(text);
  } catch (error) {
    throw new Diagnostic(
      "Import Random UUID Error",
      `There was an error during the parsing of the UUID.\n\n${retryAdvice}Original Error: ${(error as Error).message}`,
    );
  }
}
