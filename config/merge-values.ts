import { setOwn } from "#core/property-value.ts";
import type { Json, JsonObject } from "#core/wire-value.ts";

/** Lays values over others: mappings are merged key by key, anything else (lists too) is replaced whole. Neither argument is changed. */
export function mergeValues(...overlays: readonly JsonObject[]): JsonObject {
  const merged: JsonObject = {};
  for (const overlay of overlays) {
    for (const [key, value] of Object.entries(overlay)) {
      const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
      setOwn(merged, key, isMapping(value) ? mergeValues(isMapping(below) ? below : {}, value) : structuredClone(value));
    }
  }
  return merged;
}

function isMapping(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
