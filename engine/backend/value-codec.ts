/**
 * Property values as they stand in a checkpoint: JSON with secrets encrypted. Mirrors pulumi/pulumi:pkg/resource/stack/deployment.go
 * `SerializePropertyValue` and `DeserializePropertyValue` (v3.259.0).
 */
import { isPropertyMap, OutputValue, type PropertyMap, type PropertyValue, Secret, setOwn, unknown } from "#core/property-value.ts";
import { fromWire, isSigned, type Json, type JsonObject, signatureKey, signatures, toWire } from "#core/wire-value.ts";
import type { SecretSeal } from "#engine/secrets/secret-seal.ts";

/** What becomes of a secret on the way out. */
export type SecretEncoder = (secret: Secret, plaintext: () => string) => JsonObject;

/** Secrets as ciphertext. */
export function sealedSecrets(seal: SecretSeal): SecretEncoder {
  return (secret, plaintext) => ({ [signatureKey]: signatures.secret, ciphertext: seal.encrypt(secret, plaintext) });
}

/** Secrets in plain, for exports that ask for it. */
export const plainSecrets: SecretEncoder = (_secret, plaintext) => ({ [signatureKey]: signatures.secret, plaintext: plaintext() });

/** Secrets within a secret: the whole is encrypted, these keep their wrapper around plain text. */
const nestedSecrets: SecretEncoder = (_secret, plaintext) => ({ [signatureKey]: signatures.secret, ciphertext: plaintext() });

export function encodeValue(value: PropertyValue, secrets: SecretEncoder): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : encodeNonFinite(value);
  if (Array.isArray(value)) return value.map((item) => encodeValue(item, secrets));
  if (value instanceof Secret) {
    const { element } = value;
    return secrets(value, () => htmlSafeJson(encodeValue(element, secrets === plainSecrets ? plainSecrets : nestedSecrets)));
  }
  if (value instanceof OutputValue) {
    const element = value.element ?? unknown;
    return encodeValue(value.secret ? new Secret(element) : element, secrets);
  }
  if (isPropertyMap(value)) return encodeMap(value, secrets);
  return sortedKeys(toWire(value) ?? null);
}

/** Encodes a property bag with its keys in order. */
export function encodeMap(bag: PropertyMap, secrets: SecretEncoder): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(bag).sort(byCodePoints)) setJson(result, key, encodeValue(bag[key]!, secrets));
  return result;
}

/** Decrypts a secret that was found in a checkpoint; `decode` reads the JSON text of its element. */
export type SecretDecoder = (ciphertext: string, decode: (plaintext: string) => PropertyValue) => Secret;

export function unsealedSecrets(seal: SecretSeal): SecretDecoder {
  return (ciphertext, decode) => seal.decrypt(ciphertext, decode);
}

/** Every secret becomes the text `[secret]`; needs no passphrase. */
export const blindedSecrets: SecretDecoder = () => new Secret("[secret]");

const nestedPlain: SecretDecoder = (plaintext, decode) => new Secret(decode(plaintext));

export function decodeValue(value: Json, secrets: SecretDecoder): PropertyValue {
  if (Array.isArray(value)) return value.map((item) => decodeValue(item, secrets));
  if (value === null || typeof value !== "object") return fromWire(value);
  if (!isSigned(value)) return decodeMap(value, secrets);
  if (value[signatureKey] !== signatures.secret) return fromWire(value);
  if (typeof value.plaintext === "string") return new Secret(decodeText(value.plaintext, nestedPlain));
  if (typeof value.ciphertext !== "string") throw new TypeError("malformed secret value: missing ciphertext");
  return secrets(value.ciphertext, (plaintext) => decodeText(plaintext, nestedPlain));
}

export function decodeMap(bag: JsonObject, secrets: SecretDecoder): PropertyMap {
  const result: PropertyMap = {};
  for (const [key, value] of Object.entries(bag)) setOwn(result, key, decodeValue(value, secrets));
  return result;
}

function decodeText(plaintext: string, secrets: SecretDecoder): PropertyValue {
  return decodeValue(JSON.parse(plaintext) as Json, secrets);
}

function encodeNonFinite(value: number): JsonObject {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return { [signatureKey]: signatures.nonFiniteNumber, value: bits.toString("hex") };
}

/** JSON as Go's default encoder writes it: characters that matter in HTML are escaped. */
function htmlSafeJson(value: Json): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function sortedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (value === null || typeof value !== "object") return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value).sort(byCodePoints)) setJson(result, key, sortedKeys(value[key]!));
  return result;
}

function setJson(target: JsonObject, key: string, value: Json): void {
  if (key === "__proto__") Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** Go sorts by bytes, which for UTF-8 is the order of code points. */
export function byCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
