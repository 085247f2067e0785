import { createHash, type KeyObject, randomBytes } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  type Name,
  SubjectKeyIdentifier,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import { type AlternativeNames, alternativeNameExtension } from "#providers/tls/alternative-names.ts";
import { keyUsageExtensions } from "#providers/tls/key-usages.ts";
import { publicKeyInfo, type SigningKey, signatureAlgorithm, signWith } from "#providers/tls/signing-key.ts";

/** What a certificate says. */
export interface CertificateContent {
  readonly subject: Name;
  readonly names: AlternativeNames;
  readonly publicKey: KeyObject;
  readonly uses: readonly string[];
  readonly isCa: boolean;
  /** How many certificates may stand between this one and a leaf. Absent and, as Go has it, 0 for any number. */
  readonly maxPathLength: number | undefined;
  readonly hasSubjectKeyId: boolean;
  /** Whether the issuer's key id has to be named; it is named anyhow when the issuer is another one and has one. */
  readonly hasAuthorityKeyId: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** 1 to 16 bytes, the first not zero. */
  readonly serial: Uint8Array;
}

/** Who signs: absent parts are those of the certificate itself. */
export interface Issuer {
  readonly signer: SigningKey;
  readonly certificate?: { readonly subject: Name; readonly subjectKeyId: Uint8Array | undefined; readonly publicKey: KeyObject };
}

/**
 * The certificate in DER. Mirrors `x509.CreateCertificate` of Go (1.26) as hashicorp/terraform-provider-tls:internal/provider/common_cert.go (v4.2.1)
 * calls it: same extensions in the same order. Throws {@link Diagnostic}.
 */
export function createCertificate(content: CertificateContent, issuer: Issuer): ArrayBuffer {
  if (content.isCa && content.subject.length === 0)
    throw new Diagnostic("Invalid Certificate Subject", "Must contain at least one Distinguished Name when creating Certificate Authority (CA)");
  const subjectKeyId = content.isCa || content.hasSubjectKeyId ? keyId(content.publicKey) : undefined;
  const authorityKeyId = authorityKeyIdFor(content, issuer, subjectKeyId);
  try {
    return sign(content, issuer, subjectKeyId, authorityKeyId);
  } catch (error) {
    throw new Diagnostic("Failed to create certificate", (error as Error).message);
  }
}

/** A random serial number of at most 128 bits. */
export function randomSerial(): Uint8Array {
  const bytes = randomBytes(16);
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? randomSerial() : bytes.subarray(start);
}

/** The serial number in decimal digits. */
export function printSerial(serial: Uint8Array): string {
  return BigInt(`0x${Buffer.from(serial).toString("hex")}`).toString();
}

function authorityKeyIdFor(content: CertificateContent, { certificate }: Issuer, ownKeyId: Uint8Array | undefined): Uint8Array | undefined {
  const issuerKeyId = certificate ? certificate.subjectKeyId : ownKeyId;
  if (content.hasAuthorityKeyId && !issuerKeyId) throw new Diagnostic("Invalid Certificate Authority", "Could not determine Authority Key Identifier");
  const isOther = certificate !== undefined && !sameName(certificate.subject, content.subject);
  return content.hasAuthorityKeyId || isOther ? issuerKeyId : undefined;
}

function sign(content: CertificateContent, { signer, certificate }: Issuer, subjectKeyId?: Uint8Array, authorityKeyId?: Uint8Array): ArrayBuffer {
  if (!content.isCa && content.maxPathLength !== undefined && content.maxPathLength > 0) throw new Error("x509: only CAs are allowed to specify MaxPathLen");
  if (certificate && !certificate.publicKey.equals(signer.publicKey)) throw new Error("x509: provided PrivateKey doesn't match parent's PublicKey");
  const { identifier } = signatureAlgorithm(signer);
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: integerBytes(content.serial),
    signature: identifier,
    issuer: certificate?.subject ?? content.subject,
    validity: new Validity({ notBefore: content.notBefore, notAfter: content.notAfter }),
    subject: content.subject,
    subjectPublicKeyInfo: publicKeyInfo(content.publicKey),
    extensions: new Extensions(extensionsOf(content, subjectKeyId, authorityKeyId)),
  });
  const signatureValue = signWith(signer, AsnConvert.serialize(tbsCertificate));
  return AsnConvert.serialize(new Certificate({ tbsCertificate, signatureAlgorithm: identifier, signatureValue }));
}

function extensionsOf(content: CertificateContent, subjectKeyId?: Uint8Array, authorityKeyId?: Uint8Array): Extension[] {
  const constraints = new BasicConstraints({ cA: content.isCa });
  if (content.isCa && content.maxPathLength !== undefined && content.maxPathLength > 0) constraints.pathLenConstraint = content.maxPathLength;
  const extension = (extnID: string, value: object, critical = false): Extension =>
    new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
  return [
    ...keyUsageExtensions(content.uses),
    extension(id_ce_basicConstraints, constraints, true),
    ...(subjectKeyId ? [extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(subjectKeyId))] : []),
    ...(authorityKeyId ? [extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(authorityKeyId) }))] : []),
    ...alternativeNameExtension(content.names, content.subject.length === 0),
  ];
}

/** SHA-1 of the key: of an RSA key in PKCS #1, of an EC key's point, of an Ed25519 key as an octet string. */
function keyId(publicKey: KeyObject): Uint8Array {
  const key = new Uint8Array(publicKeyInfo(publicKey).subjectPublicKey);
  const encoded = publicKey.asymmetricKeyType === "ed25519" ? new Uint8Array(AsnConvert.serialize(new OctetString(key))) : key;
  return createHash("sha1").update(encoded).digest();
}

/** A positive number as DER holds it: a zero byte in front where the first bit would make it negative. */
function integerBytes(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from((bytes[0] ?? 0) & 0x80 ? [0, ...bytes] : bytes).buffer;
}

function sameName(a: Name, b: Name): boolean {
  return Buffer.from(AsnConvert.serialize(a)).equals(Buffer.from(AsnConvert.serialize(b)));
}
