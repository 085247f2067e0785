import { createPublicKey, type KeyObject } from "node:crypto";
import { CertificationRequest } from "@peculiar/asn1-csr";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { BasicConstraints, Certificate, Extensions, id_ce_basicConstraints, id_ce_subjectKeyIdentifier, type SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import type { Clock } from "#core/clock.ts";
import type { Attributes } from "#providers/bridged/attribute.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { readAlternativeNames } from "#providers/tls/alternative-names.ts";
import type { CertificateContent, Issuer } from "#providers/tls/certificate.ts";
import { certificateAttributes, ifPemBefore, issue, markDue, planRenewal, validateCertificate } from "#providers/tls/certificate-kind.ts";
import { knownName } from "#providers/tls/distinguished-name.ts";
import { keyAttributes, keyOf, validateKey } from "#providers/tls/key-input.ts";
import { decodePem } from "#providers/tls/pem.ts";

const extensionRequest = "1.2.840.113549.1.9.14";

const attributes: Attributes = {
  caCertPem: {
    type: "string",
    presence: "required",
    description: "Certificate data of the Certificate Authority (CA) in [PEM (RFC 1421)](https://datatracker.ietf.org/doc/html/rfc1421) format.",
    replaces: ifPemBefore,
  },
  ...keyAttributes("caPrivateKeyPem"),
  certRequestPem: {
    type: "string",
    presence: "required",
    description: "Certificate request data in [PEM (RFC 1421)](https://datatracker.ietf.org/doc/html/rfc1421) format.",
    replaces: ifPemBefore,
  },
  ...certificateAttributes,
  caKeyAlgorithm: { type: "string", presence: "computed" },
};

/**
 * A certificate for a request, signed by the key of a CA. Mirrors hashicorp/terraform-provider-tls:internal/provider/resource_locally_signed_cert.go
 * (v4.2.1): of the request only subject, names and key count; its signature isn't verified.
 */
export function locallySignedCert(clock: Clock): ResourceKind {
  return {
    type: "tls:index/locallySignedCert:LocallySignedCert",
    schemaVersion: 0,
    attributes,
    validate: (config) => [...validateKey(config, "caPrivateKeyPem"), ...validateCertificate(config)],
    adjustPlan: (request) => planRenewal(request, clock),

    create(planned, config, warn) {
      const holder = explain("certificate request", () => readRequest(String(planned["certRequestPem"])));
      const signer = keyOf(config, "caPrivateKeyPem", "CA private key");
      const certificate = explain("CA certificate", () => readCa(String(planned["caCertPem"])));
      if (!certificate.isCa) warn(notACa());
      return { ...issue(planned, holder, { signer, certificate }, clock), caKeyAlgorithm: signer.algorithm };
    },

    read: (state) => markDue(state, clock),
  };
}

function notACa(): Diagnostic {
  return new Diagnostic(
    "Potentially Invalid Certificate Authority",
    "Certificate provided as Authority does not appear to be a valid Certificate Authority. The resulting certificate might fail certificate validation.",
  );
}

function readRequest(pem: string): Pick<CertificateContent, "subject" | "names" | "publicKey"> {
  const { certificationRequestInfo: info } = parse(pem, "CERTIFICATE REQUEST", CertificationRequest, "certificate request");
  const requested = [...(info.attributes ?? [])].find(({ type }) => type === extensionRequest)?.values[0];
  const extensions = requested ? [...AsnConvert.parse(requested, Extensions)] : [];
  return { subject: knownName(info.subject), names: readAlternativeNames(extensions), publicKey: readPublicKey(info.subjectPKInfo) };
}

function readCa(pem: string): NonNullable<Issuer["certificate"]> & { readonly isCa: boolean } {
  const { tbsCertificate: content } = parse(pem, "CERTIFICATE", Certificate, "certificate");
  const extension = (oid: string): OctetString | undefined => [...(content.extensions ?? [])].find(({ extnID }) => extnID === oid)?.extnValue;
  const [keyId, constraints] = [extension(id_ce_subjectKeyIdentifier), extension(id_ce_basicConstraints)];
  return {
    subject: content.subject,
    subjectKeyId: keyId ? new Uint8Array(AsnConvert.parse(keyId, OctetString).buffer) : undefined,
    publicKey: readPublicKey(content.subjectPublicKeyInfo),
    isCa: constraints !== undefined && AsnConvert.parse(constraints, BasicConstraints).cA,
  };
}

function parse<T>(pem: string, label: string, schema: new () => T, what: string): T {
  const block = decodePem(pem);
  if (!block) throw new Error(`failed to decode PEM of expected type "${label}" from bytes`);
  if (block.label !== label) throw new Error(`invalid PEM type - expected "${label}", got "${block.label}"`);
  try {
    return AsnConvert.parse(block.der, schema);
  } catch (error) {
    throw new Error(`failed to parse ${what}: ${(error as Error).message}`, { cause: error });
  }
}

function readPublicKey(info: SubjectPublicKeyInfo): KeyObject {
  return createPublicKey({ key: Buffer.from(AsnConvert.serialize(info)), format: "der", type: "spki" });
}

function explain<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Diagnostic(`Failed to parse ${what} PEM`, (error as Error).message);
  }
}
