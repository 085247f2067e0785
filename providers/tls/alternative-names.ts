import { isIP, isIPv6 } from "node:net";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { Extension, GeneralName, id_ce_subjectAltName, SubjectAlternativeName } from "@peculiar/asn1-x509";
import type { PropertyValue } from "#core/property-value.ts";
import { type Attributes, always, type Values } from "#providers/bridged/attribute.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";

/** What else than its subject a certificate is for. */
export interface AlternativeNames {
  readonly dns: readonly string[];
  readonly ips: readonly string[];
  readonly uris: readonly string[];
}

export const alternativeNameAttributes: Attributes = {
  dnsNames: { type: { list: "string" }, presence: "optional", replaces: always },
  ipAddresses: { type: { list: "string" }, presence: "optional", replaces: always },
  uris: { type: { list: "string" }, presence: "optional", replaces: always },
};

export function validateAlternativeNames(config: Values): Diagnostic[] {
  return (["ipAddresses", "uris"] as const).flatMap((name) =>
    textsOf(config[name]).flatMap((text, i) =>
      text === ""
        ? [
            new Diagnostic(
              "Invalid Attribute Value Length",
              `Attribute ${name === "uris" ? "uris" : "ip_addresses"}[${i}] string length must be at least 1, got: 0`,
              `${name}[${i}]`,
            ),
          ]
        : [],
    ),
  );
}

/** Throws {@link Diagnostic} for what isn't an address or a URI. */
export function alternativeNames(planned: Values): AlternativeNames {
  return {
    dns: textsOf(planned["dnsNames"]),
    ips: textsOf(planned["ipAddresses"]).map(parseIp),
    uris: textsOf(planned["uris"]).map(parseUri),
  };
}

/** The extension for the names, absent for none. Throws an `Error` for names beyond ASCII. */
export function alternativeNameExtension(names: AlternativeNames, critical: boolean): Extension[] {
  const general = [
    ...names.dns.map((dNSName) => new GeneralName({ dNSName: ascii(dNSName) })),
    ...names.ips.map((iPAddress) => new GeneralName({ iPAddress })),
    ...names.uris.map((uri) => new GeneralName({ uniformResourceIdentifier: ascii(uri) })),
  ];
  if (general.length === 0) return [];
  return [new Extension({ extnID: id_ce_subjectAltName, critical, extnValue: new OctetString(AsnConvert.serialize(new SubjectAlternativeName(general))) })];
}

/** The names in an extension of a request; those of other kinds are left out. */
export function readAlternativeNames(extensions: readonly Extension[]): AlternativeNames {
  const extension = extensions.find(({ extnID }) => extnID === id_ce_subjectAltName);
  const names = extension ? [...AsnConvert.parse(extension.extnValue, SubjectAlternativeName)] : [];
  return {
    dns: names.flatMap(({ dNSName }) => dNSName ?? []),
    ips: names.flatMap(({ iPAddress }) => iPAddress ?? []),
    uris: names.flatMap(({ uniformResourceIdentifier }) => uniformResourceIdentifier ?? []),
  };
}

function textsOf(value: PropertyValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

/** An IPv4 address with dots, an IPv6 address in its shortest form; IPv4 addresses inside IPv6 are taken out. */
function parseIp(text: string): string {
  if (isIP(text) === 0 || text.includes("%")) throw new Diagnostic("Invalid IP address", `Failed to parse ${JSON.stringify(text)}`);
  if (!isIPv6(text)) return text;
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short);
  if (!mapped) return short;
  const [high, low] = [Number.parseInt(mapped[1] ?? "", 16), Number.parseInt(mapped[2] ?? "", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** A URI as Go's `url.Parse` and `String` pass it on: lower-case scheme, percent signs for what isn't ASCII. */
function parseUri(text: string): string {
  const refuse = (reason: string): never => {
    throw new Diagnostic("Invalid URI", `Failed to parse ${JSON.stringify(text)}: parse ${JSON.stringify(text)}: ${reason}`);
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) refuse("net/url: invalid control character in URL");
  if (text.startsWith(":")) refuse("missing protocol scheme");
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text);
  if (badEscape) refuse(`invalid URL escape ${JSON.stringify(badEscape[0])}`);
  return text.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, (scheme) => scheme.toLowerCase()).replace(/\P{ASCII}+/gu, encodeURIComponent);
}

function ascii(text: string): string {
  if (/\P{ASCII}/u.test(text)) throw new Error(`x509: ${JSON.stringify(text)} cannot be encoded as an IA5String`);
  return text;
}
