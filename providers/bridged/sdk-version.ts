import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The version of an installed SDK package, which is also that of the provider it belongs to. */
export function sdkVersion(name: "@pulumi/random" | "@pulumi/tls"): string {
  const manifest: unknown = require(`${name}/package.json`);
  if (typeof manifest === "object" && manifest !== null && "version" in manifest && typeof manifest.version === "string")
    return manifest.version.replace(/^v/, "");
  throw new Error(`${name}/package.json names no version; reinstall the package`);
}
