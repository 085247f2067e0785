import { readFileSync } from "node:fs";
import { test } from "vitest";
import type { PropertyMap } from "#core/property-value.ts";
import { conformanceLaws, type Sample } from "#providers/conformance.ts";
import { tlsPackage } from "#providers/tls/package.ts";

const made = JSON.parse(readFileSync("test/providers/_fixtures/tls-made-by-go.json", "utf8")) as {
  keys: Record<string, { privateKeyPem: string }>;
  ca: string;
  requestFull: { pem: string };
  requestEd: { pem: string };
};
const rsa = made.keys["RSA"]?.privateKeyPem ?? "";
const p224 = made.keys["P224"]?.privateKeyPem ?? "";
const clock = { now: () => new Date("2026-01-02T04:00:00Z") };

function sample(name: string, inputs: PropertyMap, more: Omit<Sample, "type" | "inputs"> = {}): Sample {
  return { type: `tls:index/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`, inputs, ...more };
}

const selfSigned = { privateKeyPem: rsa, validityPeriodHours: 12, allowedUses: ["server_auth", "digital_signature"] };
const locallySigned = { caPrivateKeyPem: rsa, caCertPem: made.ca, certRequestPem: made.requestFull.pem, validityPeriodHours: 12, allowedUses: ["server_auth"] };
const keySecrets = ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"];

const samples: Sample[] = [
  sample(
    "PrivateKey",
    { algorithm: "ED25519" },
    {
      replaced: { inputs: { algorithm: "ECDSA" }, keys: ["algorithm"] },
      secretOutputs: keySecrets,
      invalid: [
        { inputs: { algorithm: "DSA" }, says: 'Attribute algorithm value must be one of: ["RSA" "ECDSA" "ED25519"], got: "DSA". Examine values at' },
        {
          inputs: { algorithm: "ECDSA", ecdsaCurve: "P-256" },
          says: 'Attribute ecdsa_curve value must be one of: ["P224" "P256" "P384" "P521"], got: "P-256"',
        },
        { inputs: {}, says: "Missing required property 'algorithm'" },
      ],
    },
  ),
  sample(
    "PrivateKey",
    { algorithm: "ECDSA", ecdsaCurve: "P384" },
    {
      title: "a curve",
      replaced: { inputs: { algorithm: "ECDSA", ecdsaCurve: "P521" }, keys: ["ecdsaCurve"] },
      secretOutputs: keySecrets,
    },
  ),
  sample(
    "CertRequest",
    { privateKeyPem: p224, subject: { commonName: "lab", emailAddress: "a@b.c" }, dnsNames: ["lab"] },
    {
      replaced: { inputs: { privateKeyPem: p224, subject: { commonName: "other", emailAddress: "a@b.c" }, dnsNames: ["lab"] }, keys: ["subject"] },
      secretOutputs: ["privateKeyPem"],
      invalid: [
        { inputs: {}, says: "No attribute specified when one (and only one) of [private_key_pem,private_key_pem_wo] is required" },
        { inputs: { privateKeyPem: rsa, uris: [""] }, says: "Attribute uris[0] string length must be at least 1, got: 0. Examine values at 'sample.uris[0]'." },
      ],
    },
  ),
  sample(
    "SelfSignedCert",
    { ...selfSigned, subject: { commonName: "lab", streetAddresses: ["b", "a"] }, uris: ["spiffe://lab"], ipAddresses: ["::1"] },
    {
      updated: {
        ...selfSigned,
        subject: { commonName: "lab", streetAddresses: ["b", "a"] },
        uris: ["spiffe://lab"],
        ipAddresses: ["::1"],
        earlyRenewalHours: 2,
      },
      replaced: {
        inputs: { ...selfSigned, isCaCertificate: true, subject: { commonName: "lab" } },
        keys: ["ipAddresses", "isCaCertificate", "subject", "uris"],
      },
      secretOutputs: ["privateKeyPem"],
      invalid: [
        { inputs: { ...selfSigned, allowedUses: ["signing"] }, says: "got: \"signing\". Examine values at 'sample.allowedUses[0]'." },
        { inputs: { ...selfSigned, validityPeriodHours: -1 }, says: "Attribute validity_period_hours value must be at least 0, got: -1" },
        { inputs: { ...selfSigned, maxPathLength: -2 }, says: "Attribute max_path_length value must be at least -1, got: -2" },
      ],
    },
  ),
  sample("LocallySignedCert", locallySigned, {
    updated: { ...locallySigned, earlyRenewalHours: 11 },
    replaced: { inputs: { ...locallySigned, certRequestPem: made.requestEd.pem }, keys: ["certRequestPem"] },
    secretOutputs: ["caPrivateKeyPem"],
  }),
];

for (const law of conformanceLaws(tlsPackage({ clock }), samples)) test(law.name, law.prove);
