import { type Attributes, always, upstreamName, type Values } from "#providers/bridged/attribute.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import { ifPemBefore } from "#providers/tls/certificate-kind.ts";
import { parsePrivateKeyPem, type SigningKey } from "#providers/tls/signing-key.ts";

/**
 * A private key among the inputs, either one that the state keeps (`NAME`) or one that it never holds (`NAMEWo`), whose change only its version tells.
 */
export function keyAttributes(name: string): Attributes {
  return {
    [name]: { type: "string", presence: "optional", sensitive: true, replaces: ifPemBefore },
    [`${name}Wo`]: { type: "string", presence: "optional", sensitive: true, writeOnly: true },
    [`${name}WoVersion`]: { type: "integer", presence: "optional", replaces: always },
  };
}

/** Exactly one of the two has to be given, and a version with the second. */
export function validateKey(config: Values, name: string): Diagnostic[] {
  const [kept, writeOnly, version] = [config[name] ?? null, config[`${name}Wo`] ?? null, config[`${name}WoVersion`] ?? null];
  const [keptName, writeOnlyName, versionName] = [name, `${name}Wo`, `${name}WoVersion`].map((n) => upstreamName(n, undefined));
  const summary = "Invalid Attribute Combination";
  const count = [kept, writeOnly].filter((value) => value !== null).length;
  const rule = `one (and only one) of [${keptName},${writeOnlyName}] is required`;
  return [
    ...(count === 0 ? [new Diagnostic(summary, `No attribute specified when ${rule}`, name)] : []),
    ...(count === 2 && typeof kept === "string" && typeof writeOnly === "string" ? [new Diagnostic(summary, `2 attributes specified when ${rule}`, name)] : []),
    ...(writeOnly !== null && version === null
      ? [new Diagnostic(summary, `Attribute "${versionName}" must be specified when "${writeOnlyName}" is specified`, `${name}Wo`)]
      : []),
  ];
}

/** The key that the configuration gives in either form; `what` names it in the message. Throws {@link Diagnostic} when it can't be read. */
export function keyOf(config: Values, name: string, what: string): SigningKey {
  try {
    return parsePrivateKeyPem(String(config[name] ?? config[`${name}Wo`] ?? ""));
  } catch (error) {
    throw new Diagnostic(`Failed to parse ${what} PEM`, (error as Error).message);
  }
}
