import { readFileSync } from "node:fs";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import { expect, test } from "vitest";
import { type AlternativeNames, alternativeNames } from "#providers/tls/alternative-names.ts";
import { type CertificateContent, createCertificate } from "#providers/tls/certificate.ts";
import { nameOfSubject, printName } from "#providers/tls/distinguished-name.ts";
import { openSshForms, parseOpenSshPrivateKey } from "#providers/tls/open-ssh.ts";
import { decodePem, encodePem } from "#providers/tls/pem.ts";
import { publicKeyAttributes, stateId } from "#providers/tls/public-key.ts";
import { parsePrivateKeyPem } from "#providers/tls/signing-key.ts";

/** Made with crypto/x509 of Go 1.26 and golang.org/x/crypto/ssh v0.54 from throw-away keys. */
const made = JSON.parse(readFileSync("test/providers/_fixtures/tls-made-by-go.json", "utf8")) as {
  keys: Record<string, Record<string, string>>;
  ca: string;
  leaf: string;
  plainEd: string;
  edCa: string;
  caName: string;
  uri: string;
};
const rsa = key("RSA");
const ed = key("ED25519");

const subject = nameOfSubject({
  commonName: "lab & *.example",
  organization: "Acme, Inc",
  organizationalUnit: "Ünit",
  streetAddresses: ["b street", "a street 1"],
  locality: "Lyon",
  province: "Rhône",
  country: "FR",
  postalCode: "69001",
  serialNumber: "42",
  emailAddress: "ops@example.com",
});
const names = alternativeNames({
  dnsNames: ["lab.example"],
  ipAddresses: ["127.0.0.1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::1.2.3.4"],
  uris: ["SPIFFE://lab/ns/ä?x=1", "https://lab.example/"],
});
const noNames: AlternativeNames = { dns: [], ips: [], uris: [] };
const notBefore = new Date("2026-01-02T03:04:05Z");

function key(name: string) {
  return parsePrivateKeyPem(made.keys[name]?.["privateKeyPem"] ?? "");
}

function content(more: Partial<CertificateContent>): CertificateContent {
  return {
    subject: nameOfSubject({}),
    names: noNames,
    publicKey: rsa.publicKey,
    uses: [],
    isCa: false,
    maxPathLength: undefined,
    hasSubjectKeyId: false,
    hasAuthorityKeyId: false,
    notBefore,
    notAfter: new Date(notBefore.getTime() + 3_600_000),
    serial: Uint8Array.of(1),
    ...more,
  };
}

function pem(der: ArrayBuffer): string {
  return encodePem("CERTIFICATE", new Uint8Array(der));
}

const caContent = content({
  subject,
  uses: ["crl_signing", "cert_signing", "digital_signature"],
  isCa: true,
  maxPathLength: 2,
  serial: Buffer.from("f0e1d2c3b4a5968778695a4b3c2d1e0f", "hex"),
  notAfter: new Date(notBefore.getTime() + 30 * 365 * 24 * 3_600_000),
});

test("a CA's own certificate is Go's, byte for byte", () => {
  expect(pem(createCertificate(caContent, { signer: rsa }))).toBe(made.ca);
});

test("a certificate from a CA is Go's, byte for byte: names critical without a subject, the CA's key named", () => {
  const ca = AsnConvert.parse(decodePem(made.ca)?.der ?? Buffer.of(), Certificate).tbsCertificate;
  const keyId = Buffer.from(ca.extensions?.find(({ extnID }) => extnID === "2.5.29.14")?.extnValue.buffer ?? new ArrayBuffer(0)).subarray(2);
  const leaf = content({
    names,
    publicKey: key("P256").publicKey,
    uses: ["server_auth", "decipher_only", "any_extended", "key_encipherment", "microsoft_kernel_code_signing"],
    serial: Uint8Array.of(5),
  });
  const certificate = { subject: ca.subject, subjectKeyId: keyId, publicKey: rsa.publicKey };
  expect(pem(createCertificate(leaf, { signer: rsa, certificate }))).toBe(made.leaf);
});

test("certificates of Ed25519 keys are Go's, byte for byte", () => {
  const plain = content({ subject: nameOfSubject({ commonName: "plain" }), publicKey: ed.publicKey, serial: Uint8Array.of(128) });
  expect(pem(createCertificate(plain, { signer: ed }))).toBe(made.plainEd);
  const ca = content({ subject: nameOfSubject({ commonName: "ed ca" }), publicKey: ed.publicKey, isCa: true, hasAuthorityKeyId: true });
  expect(pem(createCertificate(ca, { signer: ed }))).toBe(made.edCa);
});

test("a name is printed as Go prints it", () => {
  expect(printName(AsnConvert.parse(decodePem(made.ca)?.der ?? Buffer.of(), Certificate).tbsCertificate.subject)).toBe(made.caName);
});

test("a URI is passed on as Go passes it on", () => {
  expect(alternativeNames({ uris: ["SPIFFE://lab/ns/ä?x=1"] }).uris).toEqual([made.uri]);
});

test.each(Object.keys(made.keys))("the forms of a key are Go's: %s", (name) => {
  const expected = made.keys[name] ?? {};
  const parsed = key(name);
  const forms = publicKeyAttributes(parsed);
  expect(forms).toEqual({
    id: expected["id"],
    publicKeyPem: expected["publicKeyPem"],
    publicKeyOpenssh: expected["publicKeyOpenssh"],
    publicKeyFingerprintMd5: expected["publicKeyFingerprintMd5"],
    publicKeyFingerprintSha256: expected["publicKeyFingerprintSha256"],
  });
  expect(encodePem("PRIVATE KEY", parsed.key.export({ format: "der", type: "pkcs8" }))).toBe(expected["privateKeyPemPkcs8"]);
  expect(parsePrivateKeyPem(expected["privateKeyPemPkcs8"] ?? "").publicKey.equals(parsed.publicKey)).toBe(true);
  if (name === "P224") return;
  expect(withoutCheck(openSshForms(parsed.key).privateKey)).toBe(withoutCheck(expected["privateKeyOpenssh"] ?? ""));
  expect(parseOpenSshPrivateKey(expected["privateKeyOpenssh"] ?? "").publicKey.equals(parsed.publicKey)).toBe(true);
});

/** An OpenSSH private key holds a random number twice, right before its name's second occurrence. */
function withoutCheck(text: string): string {
  const der = decodePem(text)?.der ?? Buffer.of();
  const publicLength = der.readUInt32BE(39);
  const start = 43 + publicLength + 4;
  expect(der.subarray(start, start + 4)).toEqual(der.subarray(start + 4, start + 8));
  return Buffer.concat([der.subarray(0, start), der.subarray(start + 8)]).toString("hex");
}

test("the id leaves out white space at the end as Go sees it", () => {
  const id = (hex: string) => stateId(Buffer.from(hex, "hex"));
  for (const space of ["20", "0a0d", "c285", "c2a0", "e28080", "e280a9", "e3808020"]) expect(id(`30${space}`), space).toBe(id("30"));
  for (const other of ["85", "a0", "c284", "e2808b", "1f"]) expect(id(`30${other}`), other).not.toBe(id("30"));
});

test("a PEM block is found between other text, and a broken one isn't", () => {
  const block = encodePem("CERTIFICATE", Buffer.from("hello"));
  expect(decodePem(`subject=x\n${block}more`)).toEqual({ label: "CERTIFICATE", der: Buffer.from("hello") });
  expect(decodePem(block.replaceAll("\n", "\r\n"))?.der.toString()).toBe("hello");
  expect(decodePem(block.replace("aGVs", "a$Vs"))).toBeUndefined();
  expect(decodePem(block.replace("END CERT", "END OTHER"))).toBeUndefined();
  expect(decodePem("")).toBeUndefined();
});

test.each([
  ["", "failed to decode PEM block: decoded bytes 0, undecoded 0"],
  ["-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n", "unsupported PEM preamble/type: DSA PRIVATE KEY"],
  ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "unable to determine parser for PEM preamble: CERTIFICATE"],
  ["-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "failed to parse private key given PEM preamble 'RSA PRIVATE KEY': "],
])("a private key that can't be read is refused with a reason: %j", (text, reason) => {
  expect(() => parsePrivateKeyPem(text)).toThrow(reason);
});
