import { randomUUID } from "node:crypto";
import { parseAnyForm, uuidKind } from "#providers/random/uuid-kind.ts";

/** A UUID of version 4 (RFC 9562). */
export const randomUuid4 = uuidKind("random:index/randomUuid4:RandomUuid4", () => randomUUID({ disableEntropyCache: true }), parseAnyForm);
