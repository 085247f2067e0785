import type { PropertyValue } from "#core/property-value.ts";
import { Secret } from "#core/property-value.ts";
import type { SecretsManager } from "#engine/secrets/secrets-manager.ts";

/**
 * Encrypts and decrypts secret values for one operation. A secret that was read from the state keeps its ciphertext as long as the same object is
 * carried along, and no secret is encrypted twice.
 */
export class SecretSeal {
  readonly manager: SecretsManager;
  readonly #ciphertexts = new WeakMap<Secret, string>();

  constructor(manager: SecretsManager) {
    this.manager = manager;
  }

  /** @param plaintext JSON text of the secret's serialised element. */
  encrypt(secret: Secret, plaintext: () => string): string {
    let ciphertext = this.#ciphertexts.get(secret);
    if (ciphertext === undefined) {
      ciphertext = this.manager.encrypt(plaintext());
      this.#ciphertexts.set(secret, ciphertext);
    }
    return ciphertext;
  }

  /** @param decode turns the JSON text of the plaintext into the secret's element. */
  decrypt(ciphertext: string, decode: (plaintext: string) => PropertyValue): Secret {
    const secret = new Secret(decode(this.manager.decrypt(ciphertext)));
    this.#ciphertexts.set(secret, ciphertext);
    return secret;
  }
}
