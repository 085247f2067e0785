import type { JsonObject } from "#core/wire-value.ts";

/** What encrypts and decrypts a stack's secrets, as it is named in a deployment's `secrets_providers`. */
export interface SecretsManager {
  /** `passphrase`, or `b64` for states that tests left behind. */
  readonly type: string;
  readonly state: JsonObject;
  /** Throws when the passphrase isn't the right one. */
  encrypt(plaintext: string): string;
  /** Throws when the passphrase isn't the right one or the ciphertext was made with another key. */
  decrypt(ciphertext: string): string;
}

/** Base64 in place of encryption. Mirrors pulumi/pulumi:pkg/secrets/b64/manager.go (v3.259.0), which only tests use. */
export const base64Secrets: SecretsManager = {
  type: "b64",
  state: {},
  encrypt: (plaintext) => Buffer.from(plaintext, "utf8").toString("base64"),
  decrypt: (ciphertext) => Buffer.from(ciphertext, "base64").toString("utf8"),
};

/** Whether two managers encrypt with the same key. */
export function sameSecretsManager(a: SecretsManager, b: SecretsManager): boolean {
  return a.type === b.type && JSON.stringify(a.state) === JSON.stringify(b.state);
}
