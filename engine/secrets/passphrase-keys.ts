import { createHash, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";

const deriveKey = promisify(pbkdf2);
const iterations = 1_000_000;
const keyBytes = 32;

/**
 * Keys derived from passphrases: PBKDF2-HMAC-SHA256 with 1 000 000 iterations, which takes about half a second off the event loop; a key that was
 * derived once is kept for the life of this object. Passphrases themselves aren't kept.
 */
export class PassphraseKeys {
  readonly #keys = new Map<string, Promise<Buffer>>();

  async keyFor(passphrase: string, salt: Buffer): Promise<Buffer> {
    const id = createHash("sha256").update(salt.toString("base64")).update("\0").update(passphrase).digest("base64");
    let key = this.#keys.get(id);
    if (!key) {
      key = deriveKey(passphrase, salt, iterations, keyBytes, "sha256");
      this.#keys.set(id, key);
    }
    return await key;
  }
}
