import type { Clock } from "#core/clock.ts";
import { unknown } from "#core/property-value.ts";
import { type Attributes, always, type Values } from "#providers/bridged/attribute.ts";
import { invalidValue } from "#providers/bridged/check-inputs.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { Plan, PlanRequest } from "#providers/bridged/resource-kind.ts";
import { type CertificateContent, createCertificate, type Issuer, printSerial, randomSerial } from "#providers/tls/certificate.ts";
import { allowedUseNames } from "#providers/tls/key-usages.ts";
import { encodePem, isPem } from "#providers/tls/pem.ts";

const hour = 3_600_000;

const uses = allowedUseNames.map((use) => `\`${use}\``).join(", ");

/** The attributes that self-signed and locally signed certificates have in common. */
export const certificateAttributes: Attributes = {
  validityPeriodHours: {
    type: "integer",
    presence: "required",
    description: "Number of hours, after initial issuing, that the certificate will remain valid for.",
    replaces: always,
  },
  allowedUses: {
    type: { list: "string" },
    presence: "required",
    description:
      "List of key usages allowed for the issued certificate. Values are defined in [RFC 5280](https://datatracker.ietf.org/doc/html/rfc5280) and combine flags defined by both " +
      "[Key Usages](https://datatracker.ietf.org/doc/html/rfc5280#section-4.2.1.3) and [Extended Key Usages](https://datatracker.ietf.org/doc/html/rfc5280#section-4.2.1.12). " +
      `Accepted values: ${uses}.`,
    replaces: always,
  },
  earlyRenewalHours: { type: "integer", presence: "optional-computed", default: 0 },
  isCaCertificate: { type: "boolean", presence: "optional-computed", default: false, replaces: always },
  maxPathLength: { type: "integer", presence: "optional-computed", replaces: always },
  setSubjectKeyId: { type: "boolean", presence: "optional-computed", default: false, replaces: always },
  certPem: { type: "string", presence: "computed" },
  readyForRenewal: { type: "boolean", presence: "computed", default: false, plan: isBornExpired },
  validityStartTime: { type: "string", presence: "computed" },
  validityEndTime: { type: "string", presence: "computed" },
  id: { type: "string", presence: "computed" },
};

/** The rule for keys and certificates among the inputs: older states hold a hash instead of the text, which is no reason to replace. */
export const ifPemBefore = ({ prior }: { readonly prior: Values[string] }): boolean => typeof prior === "string" && isPem(prior);

export function validateCertificate(config: Values): Diagnostic[] {
  const { allowedUses } = config;
  return [
    ...atLeast(config, "validityPeriodHours", 0),
    ...atLeast(config, "earlyRenewalHours", 0),
    ...atLeast(config, "maxPathLength", -1),
    ...(Array.isArray(allowedUses) ? allowedUses : []).flatMap((use, i) =>
      typeof use === "string" && !allowedUseNames.includes(use) ? [unknownUse(use, i)] : [],
    ),
  ];
}

function atLeast(config: Values, name: string, minimum: number): Diagnostic[] {
  const value = config[name];
  if (typeof value !== "number" || value >= minimum) return [];
  return [invalidValue(certificateAttributes, name, `value must be at least ${minimum}`, String(value))];
}

function unknownUse(use: string, index: number): Diagnostic {
  const list = allowedUseNames.map((name) => JSON.stringify(name)).join(" ");
  return new Diagnostic(
    "Invalid Attribute Value Match",
    `Attribute allowed_uses[${index}] value must be one of: [${list}], got: ${JSON.stringify(use)}`,
    `allowedUses[${index}]`,
  );
}

/** Whether a certificate is to be renewed from its first moment on. */
function isBornExpired({ validityPeriodHours, earlyRenewalHours }: Values): boolean {
  const validity = typeof validityPeriodHours === "number" ? validityPeriodHours : 0;
  return validity === 0 || (typeof earlyRenewalHours === "number" && earlyRenewalHours >= validity);
}

/** Issues a certificate by a plan: its state is the plan with everything filled in. Throws {@link Diagnostic}. */
export function issue(planned: Values, holder: Pick<CertificateContent, "subject" | "names" | "publicKey">, issuer: Issuer, clock: Clock): Values {
  const notBefore = clock.now();
  const notAfter = endOf(notBefore, Number(planned["validityPeriodHours"]));
  const serial = randomSerial();
  const maxPathLength = typeof planned["maxPathLength"] === "number" ? planned["maxPathLength"] : undefined;
  const content: CertificateContent = {
    ...holder,
    uses: Array.isArray(planned["allowedUses"]) ? planned["allowedUses"].filter((use) => typeof use === "string") : [],
    isCa: planned["isCaCertificate"] === true,
    maxPathLength,
    hasSubjectKeyId: planned["setSubjectKeyId"] === true,
    hasAuthorityKeyId: planned["setAuthorityKeyId"] === true,
    notBefore: inWholeSeconds(notBefore),
    notAfter: inWholeSeconds(notAfter),
    serial,
  };
  return {
    ...planned,
    maxPathLength: maxPathLength ?? null,
    certPem: encodePem("CERTIFICATE", new Uint8Array(createCertificate(content, issuer))),
    validityStartTime: printTime(notBefore),
    validityEndTime: printTime(notAfter),
    id: printSerial(serial),
  };
}

/** A certificate whose time for renewal has come is replaced, whatever else is planned. */
export function planRenewal({ planned, replaces }: PlanRequest, clock: Clock): Plan {
  if (!isDue(planned, clock)) return { planned, replaces };
  return { planned: { ...planned, readyForRenewal: unknown }, replaces: [...new Set([...replaces, "readyForRenewal"])] };
}

/** The state after a look at the clock. */
export function markDue(state: Values, clock: Clock): Values {
  return isDue(state, clock) ? { ...state, readyForRenewal: true } : state;
}

function isDue(values: Values, clock: Clock): boolean {
  const { validityEndTime, earlyRenewalHours } = values;
  if (typeof validityEndTime !== "string") return false;
  const end = Date.parse(validityEndTime);
  if (Number.isNaN(end))
    throw new Diagnostic(`Failed to parse data from string: ${validityEndTime}`, `${JSON.stringify(validityEndTime)} is not a time of RFC 3339`);
  return end - Number(typeof earlyRenewalHours === "number" ? earlyRenewalHours : 0) * hour <= clock.now().getTime();
}

function endOf(start: Date, hours: number): Date {
  const end = new Date(start.getTime() + hours * hour);
  if (end.getTime() < Date.UTC(10_000, 0)) return end;
  throw new Diagnostic("Failed to create certificate", `a certificate can't be valid beyond the year 9999, so validity_period_hours can't be ${hours}`);
}

function inWholeSeconds(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}

/** RFC 3339 without trailing zeros in the fraction. */
function printTime(time: Date): string {
  return time.toISOString().replace(/\.?0*Z$/, "Z");
}
