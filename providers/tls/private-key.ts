import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { type Attributes, always, type Values } from "#providers/bridged/attribute.ts";
import { invalidValue } from "#providers/bridged/check-inputs.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { openSshForms } from "#providers/tls/open-ssh.ts";
import { encodePem } from "#providers/tls/pem.ts";
import { publicKeyAttributes } from "#providers/tls/public-key.ts";
import { parsePrivateKeyPem, type SigningKey, signingKey } from "#providers/tls/signing-key.ts";

const algorithms = ["RSA", "ECDSA", "ED25519"];
const curves = ["P224", "P256", "P384", "P521"];
const generate = promisify(generateKeyPair);

const attributes: Attributes = {
  algorithm: {
    type: "string",
    presence: "required",
    description: "Name of the algorithm to use when generating the private key. Currently-supported values are: `RSA`, `ECDSA`, `ED25519`. ",
    replaces: always,
  },
  rsaBits: { type: "integer", presence: "optional-computed", default: 2048, replaces: always },
  ecdsaCurve: { type: "string", presence: "optional-computed", default: "P224", replaces: always },
  privateKeyPem: { type: "string", presence: "computed", sensitive: true, kept: false },
  privateKeyOpenssh: { type: "string", presence: "computed", sensitive: true, kept: false },
  privateKeyPemPkcs8: { type: "string", presence: "computed", sensitive: true, kept: false, upstreamName: "private_key_pem_pkcs8" },
  publicKeyPem: { type: "string", presence: "computed", kept: false },
  publicKeyOpenssh: { type: "string", presence: "computed", kept: false },
  publicKeyFingerprintMd5: { type: "string", presence: "computed", kept: false },
  publicKeyFingerprintSha256: { type: "string", presence: "computed", kept: false },
  id: { type: "string", presence: "computed", kept: false },
};

/** A key pair. Mirrors hashicorp/terraform-provider-tls:internal/provider/resource_private_key.go (v4.2.1). */
export const privateKey: ResourceKind = {
  type: "tls:index/privateKey:PrivateKey",
  schemaVersion: 1,
  attributes,
  validate: (config) => [...oneOf(config, "algorithm", algorithms), ...oneOf(config, "ecdsaCurve", curves)],

  async create(planned) {
    const key = await generateKey(planned);
    return { ...planned, ...privateForms(key), ...publicKeyAttributes(key) };
  },

  /** The first layout had neither the OpenSSH nor the PKCS #8 form. */
  upgrade(state) {
    const key = parseState(String(state["privateKeyPem"] ?? ""));
    const forms = privateForms(key);
    return {
      ...state,
      privateKeyPemPkcs8: forms.privateKeyPemPkcs8,
      privateKeyOpenssh: state["privateKeyOpenssh"] || forms.privateKeyOpenssh,
      ...publicKeyAttributes(key),
    };
  },
};

function oneOf(config: Values, name: string, values: readonly string[]): Diagnostic[] {
  const value = config[name];
  if (typeof value !== "string" || values.includes(value)) return [];
  const list = values.map((v) => JSON.stringify(v)).join(" ");
  return [invalidValue(attributes, name, `value must be one of: [${list}]`, JSON.stringify(value), "Invalid Attribute Value Match")];
}

async function generateKey(planned: Values): Promise<SigningKey> {
  try {
    const { algorithm, rsaBits, ecdsaCurve } = planned;
    if (algorithm === "RSA") return signingKey((await generate("rsa", { modulusLength: checkedBits(Number(rsaBits)) })).privateKey);
    if (algorithm === "ECDSA") return signingKey((await generate("ec", { namedCurve: String(ecdsaCurve).replace("P", "P-") })).privateKey);
    return signingKey((await generate("ed25519")).privateKey);
  } catch (error) {
    throw new Diagnostic("Unable to generate Key from configuration", (error as Error).message);
  }
}

/** Go refuses what is too easily broken; OpenSSL can't make more than 16384 bits. */
function checkedBits(bits: number): number {
  if (bits < 1024) throw new Error(`crypto/rsa: ${bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`);
  if (bits > 16384) throw new Error(`${bits} bits are too many for an RSA key: rsa_bits has to be at most 16384`);
  return bits;
}

function privateForms({ key, algorithm }: SigningKey): { privateKeyPem: string; privateKeyPemPkcs8: string; privateKeyOpenssh: string } {
  const pkcs8 = encodePem("PRIVATE KEY", key.export({ format: "der", type: "pkcs8" }));
  const pem = {
    RSA: () => encodePem("RSA PRIVATE KEY", key.export({ format: "der", type: "pkcs1" })),
    ECDSA: () => encodePem("EC PRIVATE KEY", key.export({ format: "der", type: "sec1" })),
    ED25519: () => pkcs8,
  }[algorithm]();
  return { privateKeyPem: pem, privateKeyPemPkcs8: pkcs8, privateKeyOpenssh: openSshForms(key).privateKey };
}

function parseState(pem: string): SigningKey {
  try {
    return parsePrivateKeyPem(pem);
  } catch (error) {
    throw new Diagnostic("Unable to parse key from PEM", (error as Error).message);
  }
}
