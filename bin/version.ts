import { readFileSync } from "node:fs";

/** Strata's own version, from its package file. */
export function ownVersion(): string {
  return (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
