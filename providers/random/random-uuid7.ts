import { randomBytes } from "node:crypto";
import type { Clock } from "#core/clock.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { formatUuid, parseAnyForm, uuidKind } from "#providers/random/uuid-kind.ts";

/** A UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits. */
export function randomUuid7(clock: Clock): ResourceKind {
  return uuidKind("random:index/randomUuid7:RandomUuid7", () => generate(clock), parseAnyForm);
}

function generate(clock: Clock): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(clock.now().getTime(), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return formatUuid(bytes.toString("hex"));
}
