import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import type { PassphraseKeys } from "#engine/secrets/passphrase-keys.ts";
import type { SecretsManager } from "#engine/secrets/secrets-manager.ts";
import { SymmetricCrypter } from "#engine/secrets/symmetric-crypter.ts";

/** Decrypts to this when the passphrase is the right one. */
const probe = "pulumi";

/**
 * The passphrase secrets provider. The state of a manager is `{salt}`, where the salt text is
 * `v1:B64(salt):v1:B64(nonce):B64(encrypted "pulumi")`. Mirrors pulumi/pulumi:pkg/secrets/passphrase/manager.go (v3.259.0).
 */
export class PassphraseSecrets {
  readonly #keys: PassphraseKeys;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #cwd: string;

  /** @param cwd what a relative `PULUMI_CONFIG_PASSPHRASE_FILE` starts from. */
  constructor(keys: PassphraseKeys, environment: Readonly<Record<string, string | undefined>>, cwd: string) {
    this.#keys = keys;
    this.#environment = environment;
    this.#cwd = cwd;
  }

  /** A manager with a new salt. Fails when no passphrase is configured. */
  async create(): Promise<SecretsManager> {
    const passphrase = await this.#passphrase();
    const salt = randomBytes(8);
    const crypter = new SymmetricCrypter(await this.#keys.keyFor(passphrase, salt));
    return managerOf(crypter, `v1:${salt.toString("base64")}:${crypter.encrypt(probe)}`);
  }

  /** The manager of an existing salt. Fails for a missing or wrong passphrase. */
  async open(saltText: string): Promise<SecretsManager> {
    const passphrase = await this.#passphrase();
    const { salt, encryptedProbe } = parseSalt(saltText);
    const crypter = new SymmetricCrypter(await this.#keys.keyFor(passphrase, salt));
    if (!opens(crypter, encryptedProbe)) throw new CommandFailure(phrases.incorrectPassphrase);
    return managerOf(crypter, saltText);
  }

  /** As {@link open}, but a wrong passphrase only fails once something is to be encrypted or decrypted. */
  async openOrLocked(saltText: string): Promise<SecretsManager> {
    try {
      return await this.open(saltText);
    } catch (error) {
      if (!(error instanceof CommandFailure) || error.message !== phrases.incorrectPassphrase) throw error;
      return lockedManager(saltText);
    }
  }

  async #passphrase(): Promise<string> {
    const direct = this.#environment.PULUMI_CONFIG_PASSPHRASE;
    if (direct !== undefined) return direct;
    const file = this.#environment.PULUMI_CONFIG_PASSPHRASE_FILE;
    if (!file) throw new CommandFailure(phrases.missingPassphrase);
    try {
      return (await readFile(resolve(this.#cwd, file), "utf8")).trim();
    } catch (error) {
      throw new CommandFailure(phrases.unreadablePassphraseFile(file, (error as NodeJS.ErrnoException).code ?? "unreadable"));
    }
  }
}

function managerOf(crypter: SymmetricCrypter, salt: string): SecretsManager {
  return { type: "passphrase", state: { salt }, encrypt: (text) => crypter.encrypt(text), decrypt: (text) => crypter.decrypt(text) };
}

function lockedManager(salt: string): SecretsManager {
  const refuse = (verb: string) => (): never => {
    throw new CommandFailure(phrases.lockedSecrets(verb));
  };
  return { type: "passphrase", state: { salt }, encrypt: refuse("encrypt"), decrypt: refuse("decrypt") };
}

function opens(crypter: SymmetricCrypter, encryptedProbe: string): boolean {
  try {
    return crypter.decrypt(encryptedProbe) === probe;
  } catch {
    return false;
  }
}

function parseSalt(text: string): { salt: Buffer; encryptedProbe: string } {
  const match = /^v1:([A-Za-z0-9+/]+=*):(v1:.+)$/.exec(text);
  if (!match) throw new CommandFailure(phrases.malformedSalt);
  return { salt: Buffer.from(match[1]!, "base64"), encryptedProbe: match[2]! };
}
