import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import sshpk from "sshpk";
import { decodePem, encodePem } from "#providers/tls/pem.ts";
import { type SigningKey, signingKey } from "#providers/tls/signing-key.ts";

export interface OpenSshForms {
  readonly privateKey: string;
  /** A line for `authorized_keys`, without a comment, ended by a newline. */
  readonly publicKey: string;
  readonly md5: string;
  readonly sha256: string;
}

/** A key as OpenSSH writes it; all texts empty for P-224, which OpenSSH doesn't know. */
export function openSshForms(key: KeyObject): OpenSshForms {
  if (key.asymmetricKeyDetails?.namedCurve === "secp224r1") return { privateKey: "", publicKey: "", md5: "", sha256: "" };
  const parsed = sshpk.parsePrivateKey(key.export({ format: "pem", type: "pkcs8" }).toString(), "pkcs8");
  parsed.comment = "";
  const block = decodePem(parsed.toString("ssh-private"));
  const publicKey = parsed.toPublic();
  publicKey.comment = "";
  const blob = publicKey.toBuffer("rfc4253");
  return {
    privateKey: block ? encodePem(block.label, block.der) : "",
    publicKey: `${publicKey.toString("ssh")}\n`,
    md5: createHash("md5").update(blob).digest("hex").match(/../g)?.join(":") ?? "",
    sha256: `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`,
  };
}

/** Reads a private key in OpenSSH's own format, or any that `ssh-keygen` also takes. Throws an `Error` when it can't be read or has a passphrase. */
export function parseOpenSshPrivateKey(text: string): SigningKey {
  try {
    return signingKey(createPrivateKey(sshpk.parsePrivateKey(text, "pem").toBuffer("pkcs8")));
  } catch (error) {
    throw new Error(`failed to parse openssh private key: ${(error as Error).message}`, { cause: error });
  }
}
