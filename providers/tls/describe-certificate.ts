import { createHash } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { BasicConstraints, Certificate, id_ce_basicConstraints } from "@peculiar/asn1-x509";
import { printSerial } from "#providers/tls/certificate.ts";
import { printName } from "#providers/tls/distinguished-name.ts";
import { encodePem } from "#providers/tls/pem.ts";

/** A certificate as getCertificate describes it. */
export type CertificateDescription = Readonly<
  Record<"signatureAlgorithm" | "publicKeyAlgorithm" | "serialNumber" | "issuer" | "subject" | "notBefore" | "notAfter" | "sha1Fingerprint" | "certPem", string>
> & { readonly isCa: boolean; readonly maxPathLength: number; readonly version: number };

/** Go's names of the algorithms by OID; others are printed as `0`. */
const signatureAlgorithms: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.4": "MD5-RSA",
  "1.2.840.113549.1.1.5": "SHA1-RSA",
  "1.3.14.3.2.29": "SHA1-RSA",
  "1.2.840.113549.1.1.11": "SHA256-RSA",
  "1.2.840.113549.1.1.12": "SHA384-RSA",
  "1.2.840.113549.1.1.13": "SHA512-RSA",
  "1.2.840.10040.4.3": "DSA-SHA1",
  "2.16.840.1.101.3.4.3.2": "DSA-SHA256",
  "1.2.840.10045.4.1": "ECDSA-SHA1",
  "1.2.840.10045.4.3.2": "ECDSA-SHA256",
  "1.2.840.10045.4.3.3": "ECDSA-SHA384",
  "1.2.840.10045.4.3.4": "ECDSA-SHA512",
  "1.3.101.112": "Ed25519",
};
const pssAlgorithm = "1.2.840.113549.1.1.10";
/** OIDs of the hashes inside the parameters of RSA-PSS, as hex of their DER. */
const pssHashes: Readonly<Record<string, string>> = {
  "0609608648016503040201": "SHA256-RSAPSS",
  "0609608648016503040202": "SHA384-RSAPSS",
  "0609608648016503040203": "SHA512-RSAPSS",
};
const publicKeyAlgorithms: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.1": "RSA",
  "1.2.840.10040.4.1": "DSA",
  "1.2.840.10045.2.1": "ECDSA",
  "1.3.101.112": "Ed25519",
};

/** Mirrors `certificateToStruct` of hashicorp/terraform-provider-tls:internal/provider/data_source_certificate.go (v4.2.1). Throws an `Error` for what isn't a certificate. */
export function describeCertificate(der: Uint8Array): CertificateDescription {
  const { tbsCertificate: content, signatureAlgorithm } = AsnConvert.parse(der, Certificate);
  const constraints = content.extensions?.find(({ extnID }) => extnID === id_ce_basicConstraints);
  const basic = constraints ? AsnConvert.parse(constraints.extnValue, BasicConstraints) : undefined;
  return {
    signatureAlgorithm: nameSignature(signatureAlgorithm.algorithm, signatureAlgorithm.parameters ?? undefined),
    publicKeyAlgorithm: publicKeyAlgorithms[content.subjectPublicKeyInfo.algorithm.algorithm] ?? "0",
    serialNumber: printSerial(new Uint8Array(content.serialNumber)),
    isCa: basic?.cA ?? false,
    maxPathLength: basic ? (basic.pathLenConstraint ?? -1) : 0,
    version: content.version + 1,
    issuer: printName(content.issuer),
    subject: printName(content.subject),
    notBefore: printTime(content.validity.notBefore.getTime()),
    notAfter: printTime(content.validity.notAfter.getTime()),
    sha1Fingerprint: createHash("sha1").update(der).digest("hex"),
    certPem: encodePem("CERTIFICATE", der),
  };
}

function nameSignature(oid: string, parameters: ArrayBuffer | undefined): string {
  if (oid !== pssAlgorithm) return signatureAlgorithms[oid] ?? "0";
  const hex = Buffer.from(parameters ?? new ArrayBuffer(0)).toString("hex");
  return Object.entries(pssHashes).find(([hash]) => hex.includes(hash))?.[1] ?? "0";
}

function printTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
