import { createHash } from "node:crypto";
import { containsUnknowns, type PropertyMap } from "#core/property-value.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import { type CheckFailure, type InvokeResponse, ProviderError } from "#providers/contract.ts";
import { type CertificateDescription, describeCertificate } from "#providers/tls/describe-certificate.ts";
import { peersOverHttps, peersOverTls, type Reach } from "#providers/tls/peer-certificates.ts";
import { decodePem } from "#providers/tls/pem.ts";
import { urlFaults } from "#providers/tls/provider-config.ts";

/**
 * What a server's certificates say, the root of the chain first, or what a given one says.
 * Mirrors hashicorp/terraform-provider-tls:internal/provider/data_source_certificate.go (v4.2.1).
 */
export async function getCertificate(args: PropertyMap, reach: Omit<Reach, "verify">): Promise<InvokeResponse> {
  if (containsUnknowns(args)) throw new ProviderError("failed-precondition", "getCertificate needs a URL or content that is known");
  const failures = argumentFailures(args);
  if (failures.length) return { result: {}, failures };
  const { url = null, content = null } = args;
  const verifyChain = args["verifyChain"] !== false;
  if (typeof content === "string" && !decodePem(content))
    return { result: {}, failures: [{ property: "content", reason: "Failed to decoded PEM: Value is not a valid PEM encoding of a certificate" }] };
  const certificates = typeof content === "string" ? [describeContent(content)] : await describePeers(String(url), { ...reach, verify: verifyChain });
  return {
    result: {
      ...(url === null ? { content } : { url }),
      verifyChain,
      certificates: certificates.map((certificate) => ({ ...certificate })),
      id: idOf(certificates),
    },
    failures: [],
  };
}

function argumentFailures({ url = null, content = null, verifyChain = null }: PropertyMap): CheckFailure[] {
  const given = [url, content].filter((value) => value !== null).length;
  const combination = (property: string, text: string): CheckFailure => ({ property, reason: `Invalid Attribute Combination: ${text}` });
  const rule = "specified when one (and only one) of [content,url] is required";
  return [
    ...(given === 1 ? [] : ["url", "content"].map((property) => combination(property, `${given === 0 ? "No attribute" : `${given} attributes`} ${rule}`))),
    ...(verifyChain !== null && content !== null
      ? [combination("verifyChain", 'Attribute "content" cannot be specified when "verify_chain" is specified')]
      : []),
    ...(typeof url === "string" ? urlFaults(url, ["https", "tls"]).map((fault) => ({ property: "url", reason: fault.replace(". ", ": ") })) : []),
  ];
}

function describeContent(content: string): CertificateDescription {
  const block = decodePem(content);
  const label = block?.label ?? "";
  if (!["CERTIFICATE", "CERTIFICATE REQUEST", "PUBLIC KEY", "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"].includes(label))
    throw new Diagnostic("Failed to identify PEM preamble", `unsupported PEM preamble/type: ${label}`);
  if (!block || label !== "CERTIFICATE") throw new Diagnostic("Unexpected PEM preamble", `Certificate PEM should be "CERTIFICATE", got "${label}"`);
  try {
    return describeCertificate(block.der);
  } catch (error) {
    throw new Diagnostic("Unable to parse certificate", (error as Error).message);
  }
}

async function describePeers(address: string, reach: Reach): Promise<CertificateDescription[]> {
  const url = new URL(address);
  if (url.protocol === "tls:" && url.port === "") throw new Diagnostic("URL malformed", `Port missing from URL: ${address}`);
  try {
    const chain = await (url.protocol === "tls:" ? peersOverTls(url, reach) : peersOverHttps(url, reach));
    return chain.reverse().map(describeCertificate);
  } catch (error) {
    throw new Diagnostic("Failed to identify fetch peer certificates", (error as Error).message);
  }
}

/** SHA-1 of the descriptions as Go prints a list of structs. */
function idOf(certificates: readonly CertificateDescription[]): string {
  const printed = certificates.map((c) => {
    const quoted = (...texts: string[]): string[] => texts.map((text) => JSON.stringify(text));
    const fields = [
      ...quoted(c.signatureAlgorithm, c.publicKeyAlgorithm, c.serialNumber),
      ...[c.isCa, c.maxPathLength, c.version].map(String),
      ...quoted(c.issuer, c.subject, c.notBefore, c.notAfter, c.sha1Fingerprint, c.certPem),
    ];
    return `{${fields.join(" ")}}`;
  });
  return createHash("sha1")
    .update(`[${printed.join(" ")}]`)
    .digest("hex");
}
