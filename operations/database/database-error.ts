import { isStrataError, messageOf, StrataError } from "#core/errors.ts";

/** `disk_full` and lost connections as errors of ours; anything else as it is. Codes: PostgreSQL 18, appendix A, and Node's system errors. */
export function translateDatabaseError(error: unknown): unknown {
  if (isStrataError(error)) return error;
  const code = codeOf(error);
  if (isDiskFull(error))
    return new StrataError("disk_full", `The controller's records couldn't be written: ${messageOf(error)}. Free some space and ask again.`, { cause: error });
  if (code !== undefined && (unreachable.has(code) || code.startsWith("08") || code.startsWith("28")))
    return new StrataError("database_unavailable", `The database doesn't answer or refuses: ${messageOf(error)}. Check DATABASE_URL and the server.`, {
      cause: error,
    });
  return error;
}

/** Whether an error of Node, of PostgreSQL or of the embedded database's own file system says that there is no space left. */
export function isDiskFull(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "53100") return true;
  // WASI's number, see emscripten-core/emscripten:system/lib/libc/musl/arch/emscripten/bits/errno.h (v4).
  return typeof error === "object" && error !== null && "errno" in error && error.errno === 51;
}

const unreachable = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "3D000", "57P01", "57P03", "53300"]);

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
