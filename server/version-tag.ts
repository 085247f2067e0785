import { StrataError } from "#core/errors.ts";

/** The ETag of a record's version. */
export function tagOf(version: number): string {
  return `"${version}"`;
}

/** The version that an `If-Match` header asks for; `undefined` for none or `*`. Throws `invalid_request` for anything that isn't one of our tags. */
export function versionIn(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  const version = /^\s*"(\d{1,9})"\s*$/.exec(header)?.[1];
  if (version !== undefined) return Number(version);
  throw new StrataError("invalid_request", `If-Match is ${header.slice(0, 80)}; send the ETag of the record as it was read, for example "3".`);
}
