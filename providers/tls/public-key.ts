import { createHash } from "node:crypto";
import { openSshForms } from "#providers/tls/open-ssh.ts";
import { encodePem } from "#providers/tls/pem.ts";
import type { SigningKey } from "#providers/tls/signing-key.ts";

/** What there is to say of a private key's public half: the outputs shared by PrivateKey and getPublicKey. */
export function publicKeyAttributes({ key, publicKey }: SigningKey): {
  id: string;
  publicKeyPem: string;
  publicKeyOpenssh: string;
  publicKeyFingerprintMd5: string;
  publicKeyFingerprintSha256: string;
} {
  const der = publicKey.export({ format: "der", type: "spki" });
  const ssh = openSshForms(key);
  return {
    id: stateId(der),
    publicKeyPem: encodePem("PUBLIC KEY", der),
    publicKeyOpenssh: ssh.publicKey,
    publicKeyFingerprintMd5: ssh.md5,
    publicKeyFingerprintSha256: ssh.sha256,
  };
}

/**
 * SHA-1 in hex of the bytes, less those at both ends that Go's `strings.TrimSpace` takes for white space when it reads them as UTF-8.
 * Mirrors hashicorp/terraform-provider-tls:internal/provider/common.go `hashForState` (v4.2.1).
 */
export function stateId(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1").replace(leadingSpace, "").replace(trailingSpace, "");
  return createHash("sha1").update(Buffer.from(text, "latin1")).digest("hex");
}

const space = "(?:[\\t-\\r ]|\\xc2[\\x85\\xa0]|\\xe1\\x9a\\x80|\\xe2\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]|\\xe2\\x81\\x9f|\\xe3\\x80\\x80)+";
const leadingSpace = new RegExp(`^${space}`);
const trailingSpace = new RegExp(`${space}$`);
