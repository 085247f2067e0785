import { randomBytes } from "node:crypto";
import { formatUuid, uuidKind } from "#providers/random/uuid-kind.ts";

/**
 * 16 random bytes in the form of a UUID, without version and variant.
 * Mirrors hashicorp/terraform-provider-random:internal/provider/resource_uuid.go (v3.9.0) and hashicorp/go-uuid (v1.0.3).
 */
export const randomUuid = uuidKind("random:index/randomUuid:RandomUuid", () => formatUuid(randomBytes(16).toString("hex")), parsePlainForm);

function parsePlainForm(text: string): string {
  if (text.length !== 36) throw new Error("uuid string is wrong length");
  if (!/^.{8}-.{4}-.{4}-.{4}-.{12}$/.test(text)) throw new Error("uuid is improperly formatted");
  const digits = text.replaceAll("-", "");
  const wrong = /[^0-9a-f]/i.exec(digits);
  if (wrong) throw new Error(`encoding/hex: invalid byte: U+${wrong[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")} '${wrong[0]}'`);
  return digits;
}
