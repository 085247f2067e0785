import { equalValues, Unknown, unknown } from "#core/property-value.ts";
import { type Attribute, isComputed, type Values } from "#providers/bridged/attribute.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import type { Plan, ResourceKind } from "#providers/bridged/resource-kind.ts";

/**
 * The state that the configuration leads to, and the attributes because of which the resource has to be replaced.
 * Mirrors hashicorp/terraform-plugin-framework:internal/fwserver/server_planresourcechange.go: prior computed values are proposed, defaults filled in,
 * computed values become unknown once anything changes, and the attributes' own rules have the last word.
 * Throws an `Error` where they contradict each other.
 */
export function plan(kind: ResourceKind, config: Values, prior: Values | undefined): Plan {
  try {
    return planAttributes(kind, config, prior);
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    throw new Error(`1 error occurred:\n\t* ${error.attribute ?? ""}: ${error.summary} - ${error.detail}\n\n`, { cause: error });
  }
}

function planAttributes(kind: ResourceKind, config: Values, prior: Values | undefined): Plan {
  const attributes = Object.entries(kind.attributes);
  const planned: Values = {};
  for (const [name, attribute] of attributes) planned[name] = propose(attribute, config[name] ?? null, prior?.[name] ?? null);

  const changes = !prior || attributes.some(([name]) => !equalValues(planned[name], prior[name]));
  for (const [name, attribute] of attributes) {
    const undecided = isComputed(attribute) && (config[name] ?? null) === null && attribute.default === undefined;
    if (changes && undecided) planned[name] = unknown;
    if (attribute.plan) planned[name] = attribute.plan(config);
    else if (undecided && (attribute.kept ?? true) && planned[name] instanceof Unknown && prior) planned[name] = prior[name] ?? null;
  }

  const replaces = attributes
    .filter(([name, { replaces }]) => {
      if (!prior || !replaces || equalValues(planned[name], prior[name])) return false;
      return replaces({ config: config[name] ?? null, prior: prior[name] ?? null });
    })
    .map(([name]) => name);
  return kind.adjustPlan ? kind.adjustPlan({ config, prior, planned, replaces }) : { planned, replaces };
}

function propose(attribute: Attribute, config: Values[string], prior: Values[string]): Values[string] {
  if (attribute.writeOnly) return null;
  if (config !== null) return config;
  if (attribute.default !== undefined) return attribute.default;
  return isComputed(attribute) ? prior : null;
}

/** The attributes whose planned value isn't the prior one. */
export function changedAttributes(planned: Values, prior: Values): string[] {
  return Object.keys(planned)
    .filter((name) => !equalValues(planned[name], prior[name]))
    .sort();
}
