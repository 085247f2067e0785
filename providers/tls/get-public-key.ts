import { containsUnknowns, type PropertyMap } from "#core/property-value.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import { type CheckFailure, type InvokeResponse, ProviderError } from "#providers/contract.ts";
import { parseOpenSshPrivateKey } from "#providers/tls/open-ssh.ts";
import { publicKeyAttributes } from "#providers/tls/public-key.ts";
import { parsePrivateKeyPem, type SigningKey } from "#providers/tls/signing-key.ts";

/** The public half of a private key. Mirrors hashicorp/terraform-provider-tls:internal/provider/data_source_public_key.go (v4.2.1). */
export function getPublicKey(args: PropertyMap): InvokeResponse {
  if (containsUnknowns(args)) throw new ProviderError("failed-precondition", "getPublicKey needs a private key that is known");
  const { privateKeyPem = null, privateKeyOpenssh = null } = args;
  const given = [privateKeyPem, privateKeyOpenssh].filter((key) => key !== null).length;
  if (given !== 1) return { result: {}, failures: exactlyOne(given) };
  const { algorithm, ...key } = parse(String(privateKeyPem ?? ""), String(privateKeyOpenssh ?? ""));
  return {
    result: { ...(privateKeyPem === null ? { privateKeyOpenssh } : { privateKeyPem }), algorithm, ...publicKeyAttributes({ algorithm, ...key }) },
    failures: [],
  };
}

function exactlyOne(given: number): CheckFailure[] {
  const rule = "specified when one (and only one) of [private_key_pem,private_key_openssh] is required";
  const reason = `Invalid Attribute Combination: ${given === 0 ? "No attribute" : `${given} attributes`} ${rule}`;
  return ["privateKeyPem", "privateKeyOpenssh"].map((property) => ({ property, reason }));
}

function parse(pem: string, openSsh: string): SigningKey {
  try {
    return pem ? parsePrivateKeyPem(pem) : parseOpenSshPrivateKey(openSsh);
  } catch (error) {
    throw new Diagnostic("Unable to parse private key", (error as Error).message);
  }
}
