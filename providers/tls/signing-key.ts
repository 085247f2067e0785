import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import { decodePem } from "#providers/tls/pem.ts";

export type Algorithm = "RSA" | "ECDSA" | "ED25519";

/** A private key together with what its kind determines. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
  readonly algorithm: Algorithm;
}

const knownLabels = ["PUBLIC KEY", "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "CERTIFICATE", "CERTIFICATE REQUEST"];
const algorithms: Readonly<Record<string, Algorithm>> = { rsa: "RSA", ec: "ECDSA", ed25519: "ED25519" };
/** What `createPrivateKey` calls the curves that can be used. */
const curves = ["secp224r1", "prime256v1", "secp384r1", "secp521r1"];
const nullParameters = Uint8Array.of(5, 0).buffer;

/** Reads an RSA (PKCS #1), EC (SEC 1) or PKCS #8 private key. Throws an `Error` in the words of upstream's `parsePrivateKeyPEM`. */
export function parsePrivateKeyPem(text: string): SigningKey {
  const block = decodePem(text);
  if (!block) throw new Error(`failed to decode PEM block: decoded bytes 0, undecoded ${Buffer.byteLength(text)}`);
  if (!knownLabels.includes(block.label)) throw new Error(`unsupported PEM preamble/type: ${block.label}`);
  const type = { "PRIVATE KEY": "pkcs8", "RSA PRIVATE KEY": "pkcs1", "EC PRIVATE KEY": "sec1" }[block.label] as "pkcs8" | "pkcs1" | "sec1" | undefined;
  if (!type) throw new Error(`unable to determine parser for PEM preamble: ${block.label}`);
  try {
    return signingKey(createPrivateKey({ key: block.der, format: "der", type }));
  } catch (error) {
    throw new Error(`failed to parse private key given PEM preamble '${block.label}': ${(error as Error).message}`, { cause: error });
  }
}

/** Throws an `Error` for keys of a kind that the resources don't support. */
export function signingKey(key: KeyObject): SigningKey {
  const algorithm = algorithms[key.asymmetricKeyType ?? ""];
  if (!algorithm) throw new Error(`unsupported private key type: ${key.asymmetricKeyType}`);
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  if (algorithm === "ECDSA" && !curves.includes(curve)) throw new Error(`unsupported elliptic curve: ${curve}`);
  return { key, publicKey: createPublicKey(key), algorithm };
}

export function publicKeyInfo(publicKey: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(publicKey.export({ format: "der", type: "spki" }), SubjectPublicKeyInfo);
}

/** The signature algorithm that Go's crypto/x509 picks for a key: SHA-256 but for the larger curves, and none beside Ed25519. */
export function signatureAlgorithm({ key, algorithm }: SigningKey): { readonly identifier: AlgorithmIdentifier; readonly hash: string | null } {
  if (algorithm === "RSA") return { identifier: new AlgorithmIdentifier({ algorithm: "1.2.840.113549.1.1.11", parameters: nullParameters }), hash: "sha256" };
  if (algorithm === "ED25519") return { identifier: new AlgorithmIdentifier({ algorithm: "1.3.101.112" }), hash: null };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const [suffix, hash] = curve === "secp384r1" ? [3, "sha384"] : curve === "secp521r1" ? [4, "sha512"] : [2, "sha256"];
  return { identifier: new AlgorithmIdentifier({ algorithm: `1.2.840.10045.4.3.${suffix}` }), hash: hash as string };
}

export function signWith(signer: SigningKey, data: ArrayBuffer): ArrayBuffer {
  const signature = sign(signatureAlgorithm(signer).hash, Buffer.from(data), signer.key);
  return Uint8Array.from(signature).buffer;
}
