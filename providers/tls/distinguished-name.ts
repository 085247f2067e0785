import { AsnConvert } from "@peculiar/asn1-schema";
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from "@peculiar/asn1-x509";
import type { PropertyMap, PropertyValue } from "#core/property-value.ts";
import type { Attributes } from "#providers/bridged/attribute.ts";
import { always } from "#providers/bridged/attribute.ts";

/** The block `subject` of certificates and requests. */
export const subjectAttributes: Attributes = {
  commonName: { type: "string", presence: "optional", replaces: always },
  organization: { type: "string", presence: "optional", replaces: always },
  organizationalUnit: { type: "string", presence: "optional", replaces: always },
  streetAddresses: { type: { list: "string" }, presence: "optional", upstreamName: "street_address", replaces: always },
  locality: { type: "string", presence: "optional", replaces: always },
  province: { type: "string", presence: "optional", replaces: always },
  country: { type: "string", presence: "optional", replaces: always },
  postalCode: { type: "string", presence: "optional", replaces: always },
  serialNumber: { type: "string", presence: "optional", replaces: always },
  emailAddress: { type: "string", presence: "optional", replaces: always },
};

/** The attributes in the order in which Go's crypto/x509/pkix writes them; one attribute's values share a set. */
const attributeOids = {
  country: "2.5.4.6",
  province: "2.5.4.8",
  locality: "2.5.4.7",
  streetAddresses: "2.5.4.9",
  postalCode: "2.5.4.17",
  organization: "2.5.4.10",
  organizationalUnit: "2.5.4.11",
  commonName: "2.5.4.3",
  serialNumber: "2.5.4.5",
} as const;
const emailOid = "1.2.840.113549.1.9.1";

/** The name that a `subject` block describes; empty for none. */
export function nameOfSubject(subject: PropertyMap): Name {
  const sets = Object.entries(attributeOids).map(([attribute, oid]) => nameSet(oid, textsOf(subject[attribute] ?? null, attribute)));
  const email = typeof subject["emailAddress"] === "string" ? [subject["emailAddress"]] : [];
  const emailSet = email.map((ia5String) => new RelativeDistinguishedName([attributeValue(emailOid, new AttributeValue({ ia5String }))]));
  return new Name([...sets.flat(), ...emailSet]);
}

/** A request's name as Go hands it on to a certificate: only the attributes it knows, and of some only the last value. */
export function knownName(name: Name): Name {
  const all = [...name].flatMap((set) => [...set]);
  const sets = Object.entries(attributeOids).map(([attribute, oid]) => {
    const texts = all.filter(({ type }) => type === oid).map(({ value }) => value.toString());
    return nameSet(oid, isSingle(attribute) ? texts.slice(-1).filter((text) => text !== "") : texts);
  });
  return new Name(sets.flat());
}

function isSingle(attribute: string): boolean {
  return attribute === "commonName" || attribute === "serialNumber";
}

/** Common name and serial number count as absent when they are empty; the others don't. */
function textsOf(value: PropertyValue, attribute: string): string[] {
  const texts = (Array.isArray(value) ? value : [value]).filter((text) => typeof text === "string");
  return isSingle(attribute) ? texts.filter((text) => text !== "") : texts;
}

function nameSet(oid: string, texts: readonly string[]): RelativeDistinguishedName[] {
  return texts.length ? [new RelativeDistinguishedName(texts.map((text) => attributeValue(oid, directoryString(text))))] : [];
}

function attributeValue(type: string, value: AttributeValue): AttributeTypeAndValue {
  return new AttributeTypeAndValue({ type, value });
}

function directoryString(text: string): AttributeValue {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? new AttributeValue({ printableString: text }) : new AttributeValue({ utf8String: text });
}

const shortNames: Readonly<Record<string, string>> = {
  "2.5.4.6": "C",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.3": "CN",
  "2.5.4.5": "SERIALNUMBER",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.17": "POSTALCODE",
};

/** The name as Go's `pkix.Name.String` prints it: last attribute first, those without a short name as hex at the end. */
export function printName(name: Name): string {
  const unnamed = [...name].flatMap((set) => [...set]).filter(({ type }) => !shortNames[type]);
  const printed = [...knownName(name)]
    .reverse()
    .map((set) => [...set].map(({ type, value }) => `${shortNames[type]}=${escapeText(value.toString())}`).join("+"));
  return [...printed, ...unnamed.reverse().map(({ type, value }) => `${type}=#${hexOf(value)}`)].join(",");
}

function hexOf(value: AttributeValue): string {
  const again = value.anyValue ? value : directoryString(value.toString());
  return Buffer.from(AsnConvert.serialize(again)).toString("hex");
}

function escapeText(text: string): string {
  return text.replace(/[,+"\\<>;]|^[ #]| $/g, "\\$&");
}
