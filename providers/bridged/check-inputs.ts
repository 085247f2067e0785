import { isPropertyMap, mapEntries, type PropertyMap, type PropertyValue, Secret, Unknown } from "#core/property-value.ts";
import { parseUrn, type Urn } from "#core/urn.ts";
import { type Attributes, type AttributeType, isInput, upstreamName, type Values } from "#providers/bridged/attribute.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import type { CheckFailure } from "#providers/contract.ts";

/** Everything that is wrong with a configuration, in the bridge's words (pulumi/pulumi-terraform-bridge:pkg/tfbridge/check_failures.go, v3.137.0). */
export function checkFailures(kind: ResourceKind, config: Values, urn: Urn): CheckFailure[] {
  const missing = missingAttributes(kind.attributes, config, "");
  const wrong = [...typeDiagnostics(kind.attributes, config, ""), ...readOnlyDiagnostics(kind.attributes, config)];
  const invalid = wrong.length ? wrong : (kind.validate?.(config) ?? []);
  return [...missing, ...invalid.map((diagnostic) => describe(diagnostic, parseUrn(urn).name))].map((reason) => ({ property: "", reason }));
}

function describe(diagnostic: Diagnostic, resource: string): string {
  const text = diagnostic.detail ? `${diagnostic.summary}. ${diagnostic.detail}` : diagnostic.summary;
  return diagnostic.attribute ? `${text}. Examine values at '${resource}.${diagnostic.attribute}'.` : text;
}

function missingAttributes(attributes: Attributes, config: Values, path: string): string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const value = config[name] ?? null;
    if (value === null && attribute.presence === "required")
      return [`Missing required property '${path}${name}'${attribute.description ? `: ${attribute.description}` : ""}`];
    return isBlock(attribute.type) && isPropertyMap(value) ? missingAttributes(attribute.type.block, value, `${path}${name}.`) : [];
  });
}

function typeDiagnostics(attributes: Attributes, config: Values, path: string): Diagnostic[] {
  return Object.entries(attributes).flatMap(([name, { type }]) => {
    const value = config[name] ?? null;
    if (type === "integer" && typeof value === "number") return integerDiagnostics(value, `${path}${name}`);
    return isBlock(type) && isPropertyMap(value) ? typeDiagnostics(type.block, value, `${path}${name}.`) : [];
  });
}

function integerDiagnostics(value: number, attribute: string): Diagnostic[] {
  const summary = "Int64 Type Validation Error";
  if (!Number.isInteger(value)) return [new Diagnostic(summary, `Value ${value} is not an integer.`, attribute)];
  if (value >= 2 ** 63 || value < -(2 ** 63)) return [new Diagnostic(summary, `Value ${value} cannot be represented as a 64-bit integer.`, attribute)];
  return [];
}

function readOnlyDiagnostics(attributes: Attributes, config: Values): Diagnostic[] {
  return Object.entries(attributes)
    .filter(([name, attribute]) => !isInput(attribute) && (config[name] ?? null) !== null)
    .map(
      ([name]) =>
        new Diagnostic(
          "Invalid Configuration for Read-Only Attribute",
          "Cannot set value for this attribute as the provider has marked it as read-only. Remove the configuration line setting the value.\n\n" +
            "Refer to the provider documentation or contact the provider developers for additional information about configurable and read-only attributes that are supported.",
          name,
        ),
    );
}

function isBlock(type: AttributeType): type is { readonly block: Attributes } {
  return typeof type === "object" && "block" in type;
}

/** The inputs with every sensitive one made a secret. */
export function markSensitive(inputs: PropertyMap, attributes: Attributes): PropertyMap {
  return mapEntries(inputs, (value, name) => {
    const attribute = attributes[name];
    if (!attribute) return value;
    if (attribute.sensitive) return asSecret(value);
    return isBlock(attribute.type) && isPropertyMap(value) ? markSensitive(value, attribute.type.block) : value;
  });
}

/** The value as a secret, unless it is one already, absent or unknown. */
export function asSecret(value: PropertyValue): PropertyValue {
  return value === null || value instanceof Secret || value instanceof Unknown ? value : new Secret(value);
}

/** A complaint about one attribute's value: what it has to be, and what it is. */
export function invalidValue(attributes: Attributes, name: string, rule: string, got: string, summary = "Invalid Attribute Value"): Diagnostic {
  return new Diagnostic(summary, `Attribute ${upstreamName(name, attributes[name])} ${rule}, got: ${got}`, name);
}
