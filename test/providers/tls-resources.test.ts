import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type PropertyMap, Secret, unknown, unwrapSecrets } from "#core/property-value.ts";
import { makeUrn, type Urn } from "#core/urn.ts";
import type { Provider, ProviderHost } from "#providers/contract.ts";
import { tlsPackage } from "#providers/tls/package.ts";

const made = JSON.parse(readFileSync("test/providers/_fixtures/tls-made-by-go.json", "utf8")) as {
  keys: Record<string, { privateKeyPem: string; publicKeyPem: string; privateKeyOpenssh: string; id: string }>;
  requestFull: { pem: string; id: string };
  requestEmpty: { pem: string; id: string };
  requestEd: { pem: string; id: string };
  plainEd: string;
};
const pemOf = (name: string): string => made.keys[name]?.privateKeyPem ?? "";
const start = new Date("2026-01-02T03:04:05.120Z");
const hour = 3_600_000;

let now: Date;
let folder: string;
let provider: Provider;
let logged: { severity: string; message: string; urn: Urn | undefined }[];

beforeEach(() => {
  now = start;
  logged = [];
  folder = mkdtempSync(join(tmpdir(), "tls-resources-"));
  const host: ProviderHost = {
    log: (severity, message, options) => void logged.push({ severity, message, urn: options?.urn }),
    whileWaiting: async (work) => await work(),
  };
  provider = tlsPackage({ clock: { now: () => now } }).open(host);
});
afterEach(() => rmSync(folder, { recursive: true }));

function target(kind: string, name = "it"): { urn: Urn; type: string; name: string } {
  const type = `tls:index/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`;
  return { type, name, urn: makeUrn("dev", "project", undefined, type, name) };
}

async function create(kind: string, inputs: PropertyMap, preview = false) {
  return provider.create({ ...target(kind), inputs, timeout: 0, preview });
}

async function plain(kind: string, inputs: PropertyMap): Promise<Record<string, string>> {
  return unwrapSecrets((await create(kind, inputs)).outputs) as Record<string, string>;
}

async function diff(kind: string, oldOutputs: PropertyMap, news: PropertyMap) {
  const { changes, replaces, diffs } = await provider.diff({ ...target(kind), id: "id", oldInputs: {}, oldOutputs, news, ignoreChanges: [] });
  return { changes, replaces, diffs };
}

async function refresh(kind: string, inputs: PropertyMap, outputs: PropertyMap) {
  return provider.read({ ...target(kind), id: String(outputs["id"]), inputs, outputs, timeout: 0 });
}

function file(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode });
  return path;
}

function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

const has = (command: string): boolean => spawnSync(command, ["version"], { stdio: "ignore" }).error === undefined;
const withOpenssl = test.skipIf(!has("openssl"));
const withSshKeygen = test.skipIf(!has("ssh-keygen"));

test("the package has name and version of the SDK", () => {
  expect(tlsPackage()).toMatchObject({ name: "tls", version: "5.6.1" });
});

const kinds: PropertyMap[] = [
  { algorithm: "RSA", rsaBits: 2048 },
  { algorithm: "ECDSA" },
  { algorithm: "ECDSA", ecdsaCurve: "P256" },
  { algorithm: "ECDSA", ecdsaCurve: "P384" },
  { algorithm: "ECDSA", ecdsaCurve: "P521" },
  { algorithm: "ED25519" },
];

test.each(kinds)("a key of %o has the genuine outputs, private ones secret, with both defaults", async (inputs) => {
  const { id, outputs } = await create("PrivateKey", inputs);
  const kept = unwrapSecrets(outputs);
  expect(Object.keys(kept).sort()).toEqual([
    "__meta",
    "algorithm",
    "ecdsaCurve",
    "id",
    "privateKeyOpenssh",
    "privateKeyPem",
    "privateKeyPemPkcs8",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
    "publicKeyOpenssh",
    "publicKeyPem",
    "rsaBits",
  ]);
  expect(kept).toMatchObject({ __meta: '{"schema_version":"1"}', id, rsaBits: 2048, ecdsaCurve: inputs["ecdsaCurve"] ?? "P224" });
  expect(
    Object.keys(outputs)
      .filter((key) => outputs[key] instanceof Secret)
      .sort(),
  ).toEqual(["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
  const isP224 = inputs["algorithm"] === "ECDSA" && inputs["ecdsaCurve"] === undefined;
  expect(kept["privateKeyOpenssh"] === "").toBe(isP224);
  expect(kept["publicKeyFingerprintSha256"] === "").toBe(isP224);
});

withOpenssl.each(kinds)("openssl reads every form of a key of %o, and they are the same key", async (inputs) => {
  const key = await plain("PrivateKey", inputs);
  for (const form of ["privateKeyPem", "privateKeyPemPkcs8"]) expect(openssl("pkey", "-in", file(form, key[form] ?? ""), "-pubout")).toBe(key["publicKeyPem"]);
});

withSshKeygen.each(kinds.filter(({ algorithm, ecdsaCurve }) => algorithm !== "ECDSA" || ecdsaCurve !== undefined))(
  "ssh-keygen reads a key of %o and finds the same fingerprints",
  async (inputs) => {
    const key = await plain("PrivateKey", inputs);
    const path = file("key", key["privateKeyOpenssh"] ?? "");
    expect(execFileSync("ssh-keygen", ["-y", "-f", path], { encoding: "utf8" }).trim()).toBe(key["publicKeyOpenssh"]?.trim());
    const fingerprint = (hash: string): string => execFileSync("ssh-keygen", ["-l", "-E", hash, "-f", path], { encoding: "utf8" });
    expect(fingerprint("sha256")).toContain(` ${key["publicKeyFingerprintSha256"]} `);
    expect(fingerprint("md5")).toContain(` MD5:${key["publicKeyFingerprintMd5"]} `);
  },
);

test("an RSA key that is too easily broken, or too long to be made, is refused", async () => {
  await expect(create("PrivateKey", { algorithm: "RSA", rsaBits: 512 })).rejects.toThrow(
    "Unable to generate Key from configuration: crypto/rsa: 512-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)",
  );
  await expect(create("PrivateKey", { algorithm: "RSA", rsaBits: 20000 })).rejects.toThrow("rsa_bits has to be at most 16384");
});

test("a key's state of the first layout gets the forms that it lacks", async () => {
  const old = { algorithm: "ED25519", privateKeyPem: pemOf("ED25519"), id: "x" };
  const { outputs } = await refresh("PrivateKey", { algorithm: "ED25519" }, old);
  expect(unwrapSecrets(outputs)).toMatchObject({
    __meta: '{"schema_version":"1"}',
    id: made.keys["ED25519"]?.id,
    publicKeyPem: made.keys["ED25519"]?.publicKeyPem,
    privateKeyOpenssh: expect.stringContaining("OPENSSH PRIVATE KEY"),
    privateKeyPemPkcs8: pemOf("ED25519"),
  });
});

test("requests of an RSA or Ed25519 key are Go's, byte for byte, and so are their ids", async () => {
  const subject = {
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
  };
  const names = {
    dnsNames: ["lab.example", "*.lab.example"],
    ipAddresses: ["127.0.0.1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::1.2.3.4"],
    uris: ["SPIFFE://lab/ns/ä?x=1", "https://lab.example/"],
  };
  const request = async (inputs: PropertyMap) => {
    const { certRequestPem, id } = await plain("CertRequest", inputs);
    return { pem: certRequestPem, id };
  };
  expect(await request({ privateKeyPem: pemOf("RSA"), subject, ...names })).toEqual(made.requestFull);
  expect(await request({ privateKeyPem: pemOf("RSA") })).toEqual(made.requestEmpty);
  expect(await request({ privateKeyPem: pemOf("ED25519"), subject: { commonName: "ed" } })).toEqual(made.requestEd);
});

test.each([
  ["a bad address", { ipAddresses: ["10.0.0.256"] }, 'Invalid IP address: Failed to parse "10.0.0.256"'],
  ["an address with a zone", { ipAddresses: ["fe80::1%eth0"] }, 'Invalid IP address: Failed to parse "fe80::1%eth0"'],
  ["a bad URI", { uris: [":lab"] }, 'Invalid URI: Failed to parse ":lab": parse ":lab": missing protocol scheme'],
  ["a name that isn't ASCII", { dnsNames: ["ä.example"] }, 'Error creating certificate request: x509: "ä.example" cannot be encoded as an IA5String'],
  ["no key", { privateKeyPem: "nothing" }, "Failed to parse private key PEM: failed to decode PEM block: decoded bytes 0, undecoded 7"],
])("a request with %s is refused", async (_, inputs, reason) => {
  await expect(create("CertRequest", { privateKeyPem: pemOf("RSA"), ...inputs })).rejects.toThrow(reason);
  expect(logged).toMatchObject([{ severity: "error", urn: target("CertRequest").urn }]);
});

const caInputs = {
  privateKeyPem: pemOf("P384"),
  validityPeriodHours: 48,
  allowedUses: ["cert_signing", "crl_signing"],
  isCaCertificate: true,
  subject: { commonName: "lab CA" },
};

async function issueLeaf(algorithm: string, more: PropertyMap = {}) {
  const ca = await plain("SelfSignedCert", caInputs);
  const request = await plain("CertRequest", {
    privateKeyPem: pemOf(algorithm),
    subject: { commonName: "argocd.lab.local", emailAddress: "a@b.c" },
    dnsNames: ["argocd.lab.local"],
    ipAddresses: ["127.0.0.1"],
  });
  const inputs = {
    caPrivateKeyPem: pemOf("P384"),
    caCertPem: ca["certPem"] ?? "",
    certRequestPem: request["certRequestPem"] ?? "",
    validityPeriodHours: 24,
    allowedUses: ["server_auth", "key_encipherment"],
    ...more,
  };
  return { ca, inputs, leaf: await plain("LocallySignedCert", inputs) };
}

withOpenssl.each(["RSA", "P224", "P256", "P384", "P521", "ED25519"])("openssl verifies the chain from a CA to a leaf with a key of %s", async (algorithm) => {
  const { ca, leaf } = await issueLeaf(algorithm);
  const at = String(Math.floor(now.getTime() / 1000) + 60);
  expect(
    openssl(
      "verify",
      "-x509_strict",
      "-attime",
      at,
      "-purpose",
      "sslserver",
      "-CAfile",
      file("ca.pem", ca["certPem"] ?? ""),
      file("leaf.pem", leaf["certPem"] ?? ""),
    ),
  ).toContain(": OK");
});

withOpenssl("openssl finds in a certificate what was asked for", async () => {
  const { leaf, ca } = await issueLeaf("P256", { setSubjectKeyId: true });
  const text = openssl("x509", "-noout", "-text", "-nameopt", "RFC2253", "-in", file("leaf.pem", leaf["certPem"] ?? ""));
  for (const part of [
    "Version: 3",
    "ecdsa-with-SHA384",
    "Issuer: CN=lab CA",
    "Subject: CN=argocd.lab.local\n",
    "TLS Web Server Authentication",
    "Key Encipherment",
    "DNS:argocd.lab.local, IP Address:127.0.0.1",
  ])
    expect(text).toContain(part);
  expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE/);
  expect(text).toMatch(/Not Before: Jan {2}2 03:04:05 2026 GMT\s+Not After : Jan {2}3 03:04:05 2026 GMT/);
  const caText = openssl("x509", "-noout", "-text", "-in", file("ca.pem", ca["certPem"] ?? ""));
  expect(caText).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE\n/);
  expect(caText).not.toContain("Authority Key Identifier");
  const caKeyId = /Subject Key Identifier: \s*([0-9A-F:]+)/.exec(caText)?.[1];
  expect(/Authority Key Identifier: \s*(?:keyid:)?([0-9A-F:]+)/.exec(text)?.[1]).toBe(caKeyId);
});

test("a certificate's state has the genuine keys and times, and its id is the serial number", async () => {
  const { outputs, id } = await create("SelfSignedCert", { privateKeyPem: pemOf("ED25519"), validityPeriodHours: 1, allowedUses: [] });
  expect(unwrapSecrets(outputs)).toEqual({
    privateKeyPem: pemOf("ED25519"),
    validityPeriodHours: 1,
    allowedUses: [],
    earlyRenewalHours: 0,
    isCaCertificate: false,
    setSubjectKeyId: false,
    setAuthorityKeyId: false,
    readyForRenewal: false,
    certPem: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n/),
    validityStartTime: "2026-01-02T03:04:05.12Z",
    validityEndTime: "2026-01-02T04:04:05.12Z",
    keyAlgorithm: "ED25519",
    id,
  });
  const certificate = new X509Certificate(String(outputs["certPem"]));
  expect(BigInt(`0x${certificate.serialNumber}`).toString()).toBe(id);
  expect(certificate.subject).toBeUndefined();
});

test("of a request only the attributes that Go knows reach the certificate", async () => {
  const { leaf } = await issueLeaf("P256");
  expect(new X509Certificate(leaf["certPem"] ?? "").subject).toBe("CN=argocd.lab.local");
});

test.each([
  [
    "a CA without a subject",
    { isCaCertificate: true, subject: {} },
    "Invalid Certificate Subject: Must contain at least one Distinguished Name when creating Certificate Authority (CA)",
  ],
  ["an authority's key id without its own", { setAuthorityKeyId: true }, "Invalid Certificate Authority: Could not determine Authority Key Identifier"],
  ["a path length though it is no CA", { maxPathLength: 1 }, "Failed to create certificate: x509: only CAs are allowed to specify MaxPathLen"],
  ["an end beyond what certificates can say", { validityPeriodHours: 100_000_000 }, "a certificate can't be valid beyond the year 9999"],
])("a certificate with %s is refused", async (_, inputs, reason) => {
  await expect(create("SelfSignedCert", { ...caInputs, isCaCertificate: false, ...inputs })).rejects.toThrow(reason);
});

test("a path length of a CA is kept; none and 0 are left out of the certificate", async () => {
  const constraints = async (maxPathLength: number) => {
    const { certPem } = await plain("SelfSignedCert", { ...caInputs, maxPathLength });
    return new X509Certificate(certPem ?? "").raw.includes(Buffer.from("30060101ff0201", "hex"));
  };
  expect([await constraints(3), await constraints(0), await constraints(-1)]).toEqual([true, false, false]);
});

test("a CA that doesn't fit the key is refused, and one that is no CA is warned about", async () => {
  const { inputs } = await issueLeaf("P256");
  await expect(create("LocallySignedCert", { ...inputs, caPrivateKeyPem: pemOf("P256") })).rejects.toThrow(
    "Failed to create certificate: x509: provided PrivateKey doesn't match parent's PublicKey",
  );
  logged = [];
  await create("LocallySignedCert", { ...inputs, caPrivateKeyPem: pemOf("ED25519"), caCertPem: made.plainEd });
  expect(logged).toEqual([
    {
      severity: "warning",
      message: expect.stringMatching(/^\[WARNING\] .*: Potentially Invalid Certificate Authority$/),
      urn: target("LocallySignedCert").urn,
    },
  ]);
});

test.each([
  ["certRequestPem", "x", 'Failed to parse certificate request PEM: failed to decode PEM of expected type "CERTIFICATE REQUEST" from bytes'],
  ["certRequestPem", made.plainEd, 'Failed to parse certificate request PEM: invalid PEM type - expected "CERTIFICATE REQUEST", got "CERTIFICATE"'],
  ["caCertPem", made.requestEd.pem, 'Failed to parse CA certificate PEM: invalid PEM type - expected "CERTIFICATE", got "CERTIFICATE REQUEST"'],
  ["caPrivateKeyPem", made.plainEd, "Failed to parse CA private key PEM: unable to determine parser for PEM preamble: CERTIFICATE"],
])("a %s that can't be read is refused", async (key, value, reason) => {
  const { inputs } = await issueLeaf("P256");
  await expect(create("LocallySignedCert", { ...inputs, [key]: value })).rejects.toThrow(reason);
});

test("a certificate is replaced once the early renewal time has come, and a refresh says so before", async () => {
  const inputs = { ...caInputs, earlyRenewalHours: 8 };
  const { outputs } = await create("SelfSignedCert", inputs);
  now = new Date(start.getTime() + 40 * hour - 1);
  expect(await diff("SelfSignedCert", outputs, inputs)).toEqual({ changes: "none", replaces: [], diffs: [] });
  expect((await refresh("SelfSignedCert", inputs, outputs)).outputs["readyForRenewal"]).toBe(false);

  now = new Date(start.getTime() + 40 * hour);
  expect(await diff("SelfSignedCert", outputs, inputs)).toEqual({ changes: "some", replaces: ["readyForRenewal"], diffs: ["readyForRenewal"] });
  const refreshed = (await refresh("SelfSignedCert", inputs, outputs)).outputs;
  expect(refreshed["readyForRenewal"]).toBe(true);
  expect(await diff("SelfSignedCert", refreshed, inputs)).toMatchObject({ replaces: ["readyForRenewal"] });
});

test("a certificate that is renewed later than planned changes in place", async () => {
  const { outputs } = await create("SelfSignedCert", { ...caInputs, earlyRenewalHours: 8 });
  expect(await diff("SelfSignedCert", outputs, { ...caInputs, earlyRenewalHours: 4 })).toEqual({ changes: "some", replaces: [], diffs: ["earlyRenewalHours"] });
});

test("a certificate that is born due says so at once", async () => {
  for (const more of [{ validityPeriodHours: 0 }, { earlyRenewalHours: 48 }] as PropertyMap[])
    expect((await create("SelfSignedCert", { ...caInputs, ...more })).outputs["readyForRenewal"]).toBe(true);
});

test("a state with a hash in place of the key isn't replaced for it", async () => {
  const { outputs } = await create("SelfSignedCert", caInputs);
  expect(await diff("SelfSignedCert", { ...outputs, privateKeyPem: "0a1b2c" }, caInputs)).toEqual({ changes: "some", replaces: [], diffs: ["privateKeyPem"] });
  expect(await diff("SelfSignedCert", outputs, { ...caInputs, privateKeyPem: pemOf("P256") })).toMatchObject({ replaces: ["privateKeyPem"] });
});

test("a self-signed certificate's state from before the defaults were recorded needs no change", async () => {
  const { outputs } = await create("SelfSignedCert", caInputs);
  const { setSubjectKeyId: _1, setAuthorityKeyId: _2, ...old } = outputs;
  expect(await diff("SelfSignedCert", { ...old, subject: { commonName: "lab CA", country: "", streetAddresses: [] } }, caInputs)).toMatchObject({
    changes: "none",
  });
});

test("a write-only key makes the same resource, stays out of its state, and is followed by its version", async () => {
  const inputs = { privateKeyPemWo: pemOf("RSA"), privateKeyPemWoVersion: 1 };
  const { outputs } = await create("CertRequest", inputs);
  expect(outputs).toMatchObject({ certRequestPem: made.requestEmpty.pem, privateKeyPemWoVersion: 1 });
  expect(JSON.stringify(outputs)).not.toContain("PRIVATE KEY");
  expect(await diff("CertRequest", outputs, { ...inputs, privateKeyPemWo: pemOf("P256") })).toMatchObject({ changes: "none" });
  expect(await diff("CertRequest", outputs, { ...inputs, privateKeyPemWoVersion: 2 })).toMatchObject({ replaces: ["privateKeyPemWoVersion"] });
});

test("check makes private keys among the inputs secret and wants exactly one of their two forms", async () => {
  const check = async (news: PropertyMap) => provider.check({ ...target("CertRequest"), olds: undefined, news, randomSeed: new Uint8Array(32) });
  expect((await check({ privateKeyPem: pemOf("RSA") })).inputs).toEqual({ privateKeyPem: new Secret(pemOf("RSA")) });
  expect((await check({ privateKeyPem: unknown })).inputs).toEqual({ privateKeyPem: unknown });
  const reasons = async (news: PropertyMap) => (await check(news)).failures.map(({ reason }) => reason);
  expect(await reasons({ privateKeyPem: "a", privateKeyPemWo: "b", privateKeyPemWoVersion: 1 })).toEqual([
    "Invalid Attribute Combination. 2 attributes specified when one (and only one) of [private_key_pem,private_key_pem_wo] is required. Examine values at 'it.privateKeyPem'.",
  ]);
  expect(await reasons({ privateKeyPemWo: "b" })).toEqual([
    'Invalid Attribute Combination. Attribute "private_key_pem_wo_version" must be specified when "private_key_pem_wo" is specified. Examine values at \'it.privateKeyPemWo\'.',
  ]);
});

test("a preview of a certificate for an unknown key knows everything else", async () => {
  expect((await create("SelfSignedCert", { ...caInputs, privateKeyPem: unknown }, true)).outputs).toMatchObject({
    privateKeyPem: unknown,
    certPem: unknown,
    maxPathLength: unknown,
    isCaCertificate: true,
    readyForRenewal: false,
    subject: { commonName: "lab CA" },
  });
});

test("no kind can be imported", async () => {
  await expect(provider.read({ ...target("PrivateKey"), id: "x", inputs: {}, outputs: {}, timeout: 0 })).rejects.toThrow("Resource Import Not Implemented");
});

test("getPublicKey tells the public half of a key in either form", async () => {
  const invoke = (args: PropertyMap) => provider.invoke({ token: "tls:index/getPublicKey:getPublicKey", args, preview: false });
  const expected = { algorithm: "ECDSA", id: made.keys["P256"]?.id, publicKeyPem: made.keys["P256"]?.publicKeyPem };
  expect((await invoke({ privateKeyPem: new Secret(pemOf("P256")) })).result).toMatchObject({ ...expected, privateKeyPem: pemOf("P256") });
  expect((await invoke({ privateKeyOpenssh: made.keys["P256"]?.privateKeyOpenssh ?? "" })).result).toMatchObject(expected);
  expect((await invoke({})).failures).toContainEqual({
    property: "privateKeyPem",
    reason: "Invalid Attribute Combination: No attribute specified when one (and only one) of [private_key_pem,private_key_openssh] is required",
  });
  await expect(invoke({ privateKeyPem: "x" })).rejects.toThrow("Unable to parse private key: failed to decode PEM block");
  await expect(invoke({ privateKeyOpenssh: "x" })).rejects.toThrow("Unable to parse private key: failed to parse openssh private key: ");
  await expect(invoke({ privateKeyPem: unknown })).rejects.toThrow("needs a private key that is known");
});
