import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM over text; a ciphertext is `v1:B64(nonce):B64(ciphertext‖tag)`. Mirrors
 * pulumi/pulumi:sdk/go/common/resource/config/crypt.go `symmetricCrypter` (v3.259.0).
 */
export class SymmetricCrypter {
  readonly #key: Buffer;

  /** @param key 32 bytes. */
  constructor(key: Buffer) {
    if (key.length !== 32) throw new TypeError(`AES-256-GCM needs a 32 byte key, got ${key.length} bytes`);
    this.#key = key;
  }

  encrypt(plaintext: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  }

  /** Throws an error without any part of the key or text when the ciphertext isn't one or wasn't made with this key. */
  decrypt(ciphertext: string): string {
    const parts = ciphertext.split(":");
    if (parts.length !== 3) throw new Error("bad value");
    const [version, nonceText, sealedText] = parts as [string, string, string];
    if (version !== "v1") throw new Error("unknown value version");
    const nonce = Buffer.from(nonceText, "base64");
    const sealed = Buffer.from(sealedText, "base64");
    if (nonce.length !== nonceBytes) throw new Error("bad value: nonce size is incorrect");
    if (sealed.length < tagBytes) throw new Error("bad value: ciphertext is too short");
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce);
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - tagBytes)), decipher.final()]).toString("utf8");
    } catch {
      throw new Error("cipher: message authentication failed");
    }
  }
}
