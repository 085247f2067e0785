import { parseQuantity } from "#core/quantity.ts";
import type { JsonObject } from "#core/wire-value.ts";

/** A budget that fits its schema: `memory` is a Kubernetes quantity, `memoryBytes` a number; the latter wins. */
export function readBudget(given: JsonObject | undefined): { readonly memoryBytes?: number } {
  if (typeof given?.memoryBytes === "number") return { memoryBytes: given.memoryBytes };
  if (typeof given?.memory === "string") return { memoryBytes: Math.round(parseQuantity(given.memory)!) };
  return {};
}
