import { CertificationRequest, CertificationRequestInfo, Attributes as RequestAttributes } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Extensions, Attribute as RequestAttribute } from "@peculiar/asn1-x509";
import { isPropertyMap } from "#core/property-value.ts";
import { type Attributes, always, type Values } from "#providers/bridged/attribute.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { alternativeNameAttributes, alternativeNameExtension, alternativeNames, validateAlternativeNames } from "#providers/tls/alternative-names.ts";
import { nameOfSubject, subjectAttributes } from "#providers/tls/distinguished-name.ts";
import { keyAttributes, keyOf, validateKey } from "#providers/tls/key-input.ts";
import { encodePem } from "#providers/tls/pem.ts";
import { stateId } from "#providers/tls/public-key.ts";
import { publicKeyInfo, type SigningKey, signatureAlgorithm, signWith } from "#providers/tls/signing-key.ts";

/** PKCS #9 `extensionRequest`. */
const extensionRequest = "1.2.840.113549.1.9.14";

const attributes: Attributes = {
  ...keyAttributes("privateKeyPem"),
  ...alternativeNameAttributes,
  subject: { type: { block: subjectAttributes }, presence: "optional", replaces: always },
  keyAlgorithm: { type: "string", presence: "computed" },
  certRequestPem: { type: "string", presence: "computed" },
  id: { type: "string", presence: "computed" },
};

/** A request for a certificate. Mirrors hashicorp/terraform-provider-tls:internal/provider/resource_cert_request.go (v4.2.1). */
export const certRequest: ResourceKind = {
  type: "tls:index/certRequest:CertRequest",
  schemaVersion: 0,
  attributes,
  validate: (config) => [...validateKey(config, "privateKeyPem"), ...validateAlternativeNames(config)],

  create(planned, config) {
    const signer = keyOf(config, "privateKeyPem", "private key");
    const der = new Uint8Array(createRequest(planned, signer));
    return { ...planned, keyAlgorithm: signer.algorithm, certRequestPem: encodePem("CERTIFICATE REQUEST", der), id: stateId(der) };
  },
};

function createRequest(planned: Values, signer: SigningKey): ArrayBuffer {
  const names = alternativeNames(planned);
  const { subject } = planned;
  try {
    const extensions = alternativeNameExtension(names, false);
    const certificationRequestInfo = new CertificationRequestInfo({
      version: 0,
      subject: nameOfSubject(isPropertyMap(subject) ? subject : {}),
      subjectPKInfo: publicKeyInfo(signer.publicKey),
      attributes: new RequestAttributes(
        extensions.length ? [new RequestAttribute({ type: extensionRequest, values: [AsnConvert.serialize(new Extensions(extensions))] })] : [],
      ),
    });
    const signature = signWith(signer, AsnConvert.serialize(certificationRequestInfo));
    return AsnConvert.serialize(new CertificationRequest({ certificationRequestInfo, signatureAlgorithm: signatureAlgorithm(signer).identifier, signature }));
  } catch (error) {
    throw new Diagnostic("Error creating certificate request", (error as Error).message);
  }
}
