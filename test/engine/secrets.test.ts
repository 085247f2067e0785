import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Secret } from "#core/property-value.ts";
import { decodeMap, encodeMap, plainSecrets, sealedSecrets, unsealedSecrets } from "#engine/backend/value-codec.ts";
import { PassphraseKeys } from "#engine/secrets/passphrase-keys.ts";
import { PassphraseSecrets } from "#engine/secrets/passphrase-secrets.ts";
import { SecretSeal } from "#engine/secrets/secret-seal.ts";
import { base64Secrets } from "#engine/secrets/secrets-manager.ts";
import { SymmetricCrypter } from "#engine/secrets/symmetric-crypter.ts";

/** Salt of a genuine state whose passphrase is `password`. */
const genuineSalt = "v1:fozI5u6B030=:v1:F+6ZduKKd8G0/V7L:PGMFeIzwobWRKmEAzUdaQHqC5mMRIQ==";
const keys = new PassphraseKeys();
const secretsFor = (environment: Record<string, string>, cwd = "/") => new PassphraseSecrets(keys, environment, cwd);

describe("passphrase secrets", () => {
  test("open a genuine salt with its passphrase", async () => {
    const manager = await secretsFor({ PULUMI_CONFIG_PASSPHRASE: "password" }).open(genuineSalt);
    expect(manager.state).toEqual({ salt: genuineSalt });
    expect(manager.decrypt(manager.encrypt("ä\n"))).toBe("ä\n");
  });

  test("refuse a wrong passphrase", async () => {
    await expect(secretsFor({ PULUMI_CONFIG_PASSPHRASE: "passwort" }).open(genuineSalt)).rejects.toThrow(/^incorrect passphrase$/);
  });

  test("with a wrong passphrase fail only when something is to be decrypted, if so wanted", async () => {
    const locked = await secretsFor({ PULUMI_CONFIG_PASSPHRASE: "passwort" }).openOrLocked(genuineSalt);
    expect(locked.state).toEqual({ salt: genuineSalt });
    expect(() => locked.decrypt("v1:a:b")).toThrow("failed to decrypt: incorrect passphrase");
    expect(() => locked.encrypt("a")).toThrow("failed to encrypt: incorrect passphrase");
  });

  test("ask for a passphrase when none is configured", async () => {
    await expect(secretsFor({}).create()).rejects.toThrow(
      "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    );
  });

  test("take an empty passphrase as one, and read one from a trimmed file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "passphrase-"));
    try {
      const { state } = await secretsFor({ PULUMI_CONFIG_PASSPHRASE: "" }).create();
      await writeFile(join(folder, "empty"), "\n");
      const again = await secretsFor({ PULUMI_CONFIG_PASSPHRASE_FILE: "empty" }, folder).open(String(state.salt));
      expect(again.state).toEqual(state);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("name the passphrase file that can't be read", async () => {
    await expect(secretsFor({ PULUMI_CONFIG_PASSPHRASE_FILE: "/nowhere/passphrase" }).create()).rejects.toThrow("/nowhere/passphrase: ENOENT");
  });
});

describe("the symmetric crypter", () => {
  const crypter = new SymmetricCrypter(Buffer.alloc(32, 7));

  test("never makes the same ciphertext twice", () => {
    expect(crypter.encrypt("a")).not.toBe(crypter.encrypt("a"));
  });

  test.each([
    ["v1:abc", "bad value"],
    ["v2:AAAAAAAAAAAAAAAA:AAAA", "unknown value version"],
    ["v1:AAAA:AAAAAAAAAAAAAAAAAAAAAAAA", "bad value: nonce size is incorrect"],
    ["v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA", "cipher: message authentication failed"],
  ])("refuses the ciphertext %s", (ciphertext, message) => {
    expect(() => crypter.decrypt(ciphertext)).toThrow(message);
  });
});

describe("secret values in a checkpoint", () => {
  test("keep the ciphertext they were read with", () => {
    const seal = new SecretSeal(base64Secrets);
    const sealed = encodeMap({ a: new Secret({ b: [1, new Secret("x<y")] }) }, sealedSecrets(new SecretSeal(base64Secrets)));
    const decoded = decodeMap(sealed, unsealedSecrets(seal));
    const failing = new SecretSeal({ ...base64Secrets, encrypt: () => expect.unreachable("nothing is to be encrypted again") });
    expect(encodeMap(decoded, sealedSecrets(seal))).toEqual(sealed);
    expect(() => encodeMap({ a: new Secret(1) }, sealedSecrets(failing))).toThrow();
  });

  test("are shown as JSON text escaped as Go does it", () => {
    expect(encodeMap({ a: new Secret("<&>") }, plainSecrets)).toEqual({
      a: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"\\u003c\\u0026\\u003e"' },
    });
  });
});
