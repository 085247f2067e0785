import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, type Server as NetServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type PropertyMap, Secret, unknown, unwrapSecrets } from "#core/property-value.ts";
import { makeUrn } from "#core/urn.ts";
import type { Provider } from "#providers/contract.ts";
import { tlsPackage } from "#providers/tls/package.ts";

const made = JSON.parse(readFileSync("test/providers/_fixtures/tls-made-by-go.json", "utf8")) as {
  keys: Record<string, { privateKeyPem: string }>;
  ca: string;
  caName: string;
  plainEd: string;
};
const pemOf = (name: string): string => made.keys[name]?.privateKeyPem ?? "";

let ca: string;
let leaf: string;
const servers: NetServer[] = [];

beforeAll(async () => {
  const provider = open();
  const create = async (kind: string, inputs: PropertyMap): Promise<PropertyMap> => {
    const type = `tls:index/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`;
    return unwrapSecrets(
      (await provider.create({ urn: makeUrn("s", "p", undefined, type, "x"), type, name: "x", inputs, timeout: 0, preview: false })).outputs,
    );
  };
  const authority = {
    privateKeyPem: pemOf("P384"),
    validityPeriodHours: 5,
    allowedUses: ["cert_signing"],
    isCaCertificate: true,
    maxPathLength: 1,
    subject: { commonName: "test CA" },
  };
  ca = String((await create("SelfSignedCert", authority))["certPem"]);
  const request = await create("CertRequest", {
    privateKeyPem: pemOf("P256"),
    subject: { commonName: "leaf, one", organization: "Acme" },
    dnsNames: ["localhost"],
    ipAddresses: ["127.0.0.1"],
  });
  const inputs = {
    caPrivateKeyPem: pemOf("P384"),
    caCertPem: ca,
    certRequestPem: request["certRequestPem"] ?? "",
    validityPeriodHours: 1,
    allowedUses: ["server_auth"],
  };
  leaf = String((await create("LocallySignedCert", inputs))["certPem"]);
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ("closeAllConnections" in server) (server as Server).closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

function open(env: Record<string, string> = {}): Provider {
  return tlsPackage({ environment: env }).open({ log: () => {}, whileWaiting: async (work) => await work() });
}

async function invoke(args: PropertyMap, provider: Provider = open()) {
  const { result, failures } = await provider.invoke({ token: "tls:index/getCertificate:getCertificate", args, preview: false });
  return { result, failures, certificates: result["certificates"] as Record<string, unknown>[] };
}

async function listen(server: NetServer): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const credentials = (chain: string[]) => ({ key: pemOf("P256"), cert: chain.join("") });

test("a certificate's content is described as Go describes it", async () => {
  const { result, certificates } = await invoke({ content: made.ca });
  expect(certificates).toEqual([
    {
      signatureAlgorithm: "SHA256-RSA",
      publicKeyAlgorithm: "RSA",
      serialNumber: BigInt("0xf0e1d2c3b4a5968778695a4b3c2d1e0f").toString(),
      isCa: true,
      maxPathLength: 2,
      version: 3,
      issuer: made.caName,
      subject: made.caName,
      notBefore: "2026-01-02T03:04:05Z",
      notAfter: "2055-12-26T03:04:05Z",
      sha1Fingerprint: expect.stringMatching(/^[0-9a-f]{40}$/),
      certPem: made.ca,
    },
  ]);
  expect(result).toMatchObject({ content: made.ca, verifyChain: true, id: expect.stringMatching(/^[0-9a-f]{40}$/) });
  expect((await invoke({ content: made.plainEd })).certificates).toMatchObject([
    { signatureAlgorithm: "Ed25519", publicKeyAlgorithm: "Ed25519", serialNumber: "128", isCa: false, maxPathLength: -1 },
  ]);
});

test("a server's certificates come with the root first, exactly those that it sends", async () => {
  const both = await listen(createTlsServer(credentials([leaf, ca])));
  const { certificates, result } = await invoke({ url: `tls://127.0.0.1:${both}`, verifyChain: false });
  expect(certificates.map(({ subject, issuer, isCa }) => ({ subject, issuer, isCa }))).toEqual([
    { subject: "CN=test CA", issuer: "CN=test CA", isCa: true },
    { subject: "CN=leaf\\, one,O=Acme", issuer: "CN=test CA", isCa: false },
  ]);
  expect(certificates.map(({ certPem }) => certPem)).toEqual([ca, leaf]);
  expect(result).toMatchObject({ verifyChain: false, url: `tls://127.0.0.1:${both}` });
  const one = await listen(createTlsServer(credentials([leaf])));
  expect((await invoke({ url: `tls://127.0.0.1:${one}`, verifyChain: false })).certificates).toHaveLength(1);
});

test("over HTTPS redirects are followed, and a server that refuses HEAD is asked by GET", async () => {
  const target = await listen(
    createHttpsServer(credentials([leaf, ca]), (request, response) => void (request.method === "HEAD" ? request.socket.destroy() : response.end("hello"))),
  );
  const start = await listen(
    createHttpsServer(credentials([leaf]), (_, response) => void response.writeHead(302, { location: `https://127.0.0.1:${target}/x` }).end()),
  );
  expect((await invoke({ url: `https://127.0.0.1:${start}/`, verifyChain: false })).certificates).toHaveLength(2);
});

test("a chain that nobody trusts is an error unless it needn't be verified", async () => {
  const port = await listen(createHttpsServer(credentials([leaf, ca]), (_, response) => void response.end()));
  const refused = /^Failed to identify fetch peer certificates: .*(self-signed|unable to verify|unable to get)/;
  await expect(invoke({ url: `https://127.0.0.1:${port}` })).rejects.toThrow(refused);
  await expect(invoke({ url: `tls://127.0.0.1:${port}` })).rejects.toThrow(refused);
});

test("a server that can't be reached is an error", async () => {
  const port = await listen(createHttpServer());
  await expect(invoke({ url: `tls://127.0.0.1:${port}`, verifyChain: false })).rejects.toThrow(`unable to execute TLS connection towards 127.0.0.1:${port}`);
  await expect(invoke({ url: "tls://127.0.0.1" })).rejects.toThrow("URL malformed: Port missing from URL: tls://127.0.0.1");
});

test("a call under way ends when the provider is cancelled", async () => {
  const silent = createHttpServer();
  const port = await listen(silent);
  const provider = open();
  const call = invoke({ url: `tls://127.0.0.1:${port}`, verifyChain: false }, provider);
  const outcome = expect(call).rejects.toThrow("the operation was cancelled");
  await once(silent, "connection");
  await provider.cancel();
  await outcome;
});

/** An HTTP proxy that leads every tunnel to one port, and what it was asked for. */
async function proxyTo(port: number): Promise<{ address: string; asked: string[]; credentials: (string | undefined)[] }> {
  const seen = { asked: [] as string[], credentials: [] as (string | undefined)[] };
  const proxy = createHttpServer();
  proxy.on("connect", (request, socket) => {
    seen.asked.push(request.url ?? "");
    seen.credentials.push(request.headers["proxy-authorization"]);
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const side of [onward, socket]) side.on("error", () => side.destroy());
  });
  return { address: `http://127.0.0.1:${await listen(proxy)}`, ...seen };
}

test("HTTPS goes through the proxy of the configuration, or through that of the environment", async () => {
  const port = await listen(createHttpsServer(credentials([leaf, ca]), (_, response) => void response.end()));
  const proxy = await proxyTo(port);
  const url = "https://lab.example:8443/";

  const configured = open();
  await configured.configure({
    urn: makeUrn("s", "p", undefined, "pulumi:providers:tls", "x"),
    id: "i",
    inputs: { proxy: new Secret(JSON.stringify({ url: proxy.address, username: "me", password: "word" })) },
  });
  expect((await invoke({ url, verifyChain: false }, configured)).certificates).toHaveLength(2);
  expect(proxy.asked).toEqual(["lab.example:8443"]);
  expect(proxy.credentials).toEqual([`Basic ${Buffer.from("me:word").toString("base64")}`]);

  expect((await invoke({ url, verifyChain: false }, open({ https_proxy: proxy.address }))).certificates).toHaveLength(2);
  expect(proxy.asked).toHaveLength(2);

  const direct = open({ HTTPS_PROXY: "http://127.0.0.1:9" });
  expect((await invoke({ url: `https://127.0.0.1:${port}/`, verifyChain: false }, direct)).certificates).toHaveLength(2);
});

test.each<[string, PropertyMap, string, string]>([
  ["neither", {}, "url", "No attribute specified when one (and only one) of [content,url] is required"],
  ["both", { url: "https://a.b", content: "x" }, "content", "2 attributes specified when one (and only one) of [content,url] is required"],
  [
    "a scheme that isn't supported",
    { url: "http://a.b" },
    "url",
    'Invalid URL scheme: URL "http://a.b" expected to use scheme from ["https" "tls"], got: "http"',
  ],
  ["no host", { url: "https:" }, "url", 'Invalid URL: URL "https:" contains no host'],
  ["content with verifyChain", { content: "x", verifyChain: true }, "verifyChain", 'Attribute "content" cannot be specified when "verify_chain" is specified'],
  ["content without PEM", { content: "x" }, "content", "Failed to decoded PEM: Value is not a valid PEM encoding of a certificate"],
])("arguments with %s are refused", async (_, args, property, reason) => {
  const { failures } = await invoke(args);
  expect(failures).toContainEqual({ property, reason: expect.stringContaining(reason) });
});

test("content of another kind, and unknown content, is refused", async () => {
  await expect(invoke({ content: pemOf("RSA") })).rejects.toThrow('Unexpected PEM preamble: Certificate PEM should be "CERTIFICATE", got "RSA PRIVATE KEY"');
  await expect(invoke({ content: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" })).rejects.toThrow("Unable to parse certificate: ");
  await expect(invoke({ content: unknown })).rejects.toThrow("needs a URL or content that is known");
});

test("the provider's proxy is checked, and secret when it has a password", async () => {
  const check = async (name: string, news: PropertyMap) =>
    open().checkConfig({
      urn: makeUrn("s", "p", undefined, "pulumi:providers:tls", name),
      type: "pulumi:providers:tls",
      name,
      olds: undefined,
      news,
      randomSeed: new Uint8Array(),
    });
  const reasons = async (proxy: object, name = "mine") => (await check(name, { proxy: JSON.stringify(proxy) })).failures.map(({ reason }) => reason);
  expect(await reasons({ url: "http://proxy:3128", username: "me", password: "p" })).toEqual([]);
  expect(await reasons({ fromEnv: true })).toEqual([]);
  expect(await reasons({ url: "ftp://proxy" })).toEqual([
    'could not validate provider configuration: Invalid URL scheme. URL "ftp://proxy" expected to use scheme from ["http" "https" "socks5"], got: "ftp". Examine values at \'mine.proxy.url\'.',
  ]);
  expect(await reasons({ username: "me" }, "default")).toEqual([
    'could not validate provider configuration: Invalid Attribute Combination. Attribute "proxy[0].url" must be specified when "proxy[0].username" is specified. Check `pulumi config get --path tls:proxy.username`.',
  ]);
  expect(await reasons({ url: "http://p", fromEnv: true })).toHaveLength(1);
  expect((await check("mine", { proxy: "{" })).failures[0]?.reason).toContain("the value of proxy isn't JSON");
  const withPassword = JSON.stringify({ url: "http://p", username: "u", password: "p" });
  expect((await check("mine", { proxy: withPassword })).inputs).toEqual({ proxy: new Secret(withPassword) });
  expect((await check("mine", { proxy: '{"fromEnv":false}', version: "5.6.1" })).inputs).toEqual({ proxy: '{"fromEnv":false}', version: "5.6.1" });
});
