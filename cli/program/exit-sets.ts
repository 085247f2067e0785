import type { ExitCodeName } from "#cli/exit-codes.ts";

/** How each sort of verb can end. */
export const exitSets = {
  /** Follows an operation. */
  operation: ["ok", "failed", "usage", "unreachable", "cancelled", "interrupted"],
  /** Asks the controller something. */
  request: ["ok", "failed", "usage", "unreachable"],
  /** Works on this machine only. */
  local: ["ok", "failed", "usage"],
} as const satisfies Record<string, readonly ExitCodeName[]>;
