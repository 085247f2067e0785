import type { Clock } from "#core/clock.ts";
import { isPropertyMap, mapEntries } from "#core/property-value.ts";
import { type Attributes, always, type Values } from "#providers/bridged/attribute.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { alternativeNameAttributes, alternativeNames, validateAlternativeNames } from "#providers/tls/alternative-names.ts";
import { certificateAttributes, issue, markDue, planRenewal, validateCertificate } from "#providers/tls/certificate-kind.ts";
import { nameOfSubject, subjectAttributes } from "#providers/tls/distinguished-name.ts";
import { keyAttributes, keyOf, validateKey } from "#providers/tls/key-input.ts";

const attributes: Attributes = {
  ...keyAttributes("privateKeyPem"),
  ...certificateAttributes,
  ...alternativeNameAttributes,
  subject: { type: { block: subjectAttributes }, presence: "optional", replaces: always },
  setAuthorityKeyId: { type: "boolean", presence: "optional-computed", default: false, replaces: always },
  keyAlgorithm: { type: "string", presence: "computed" },
};

/** A certificate signed by its own key. Mirrors hashicorp/terraform-provider-tls:internal/provider/resource_self_signed_cert.go (v4.2.1). */
export function selfSignedCert(clock: Clock): ResourceKind {
  return {
    type: "tls:index/selfSignedCert:SelfSignedCert",
    schemaVersion: 0,
    attributes,
    validate: (config) => [...validateKey(config, "privateKeyPem"), ...validateCertificate(config), ...validateAlternativeNames(config)],
    adjustPlan: (request) => planRenewal(request, clock),

    create(planned, config) {
      const signer = keyOf(config, "privateKeyPem", "private key");
      const { subject } = planned;
      const holder = { subject: nameOfSubject(isPropertyMap(subject) ? subject : {}), names: alternativeNames(planned), publicKey: signer.publicKey };
      return { ...issue(planned, holder, { signer }, clock), keyAlgorithm: signer.algorithm };
    },

    read: (state) => markDue(state, clock),
    mend: fillDefaults,
  };
}

/**
 * States from before the plugin framework lack what was left at its default, and have empty texts in the subject.
 * Mirrors pulumi/pulumi-tls:provider/resources.go `selfSignedCertPreStateUpgradeHook` (v5.5.1).
 */
function fillDefaults(state: Values): Values {
  const { subject } = state;
  return {
    ...state,
    setSubjectKeyId: state["setSubjectKeyId"] ?? false,
    setAuthorityKeyId: state["setAuthorityKeyId"] ?? false,
    isCaCertificate: state["isCaCertificate"] ?? false,
    allowedUses: state["allowedUses"] ?? [],
    subject: isPropertyMap(subject)
      ? mapEntries(subject, (value) => (value === "" || (Array.isArray(value) && value.length === 0) ? null : value))
      : (subject ?? null),
  };
}
