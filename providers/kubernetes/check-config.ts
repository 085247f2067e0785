import { type PropertyMap, type PropertyValue, unwrapSecrets } from "#core/property-value.ts";
import { parseUrn, type Urn } from "#core/urn.ts";
import type { CheckFailure } from "#providers/contract.ts";

/** What is wrong with a provider's configuration. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `CheckConfig` (v4.32.0). */
export function configFailures(urn: Urn, inputs: PropertyMap, environment: Readonly<Record<string, string | undefined>>): CheckFailure[] {
  const config = unwrapSecrets(inputs);
  if (config.strictMode === "true") {
    const failures = strictModeFailures(urn, config);
    if (failures.length) return failures;
  }
  if (isSet(config.renderYamlToDirectory)) return renderFailures(config, environment.KUBECONFIG);
  if (config.alwaysRender === true || config.alwaysRender === "true")
    return [{ property: "alwaysRender", reason: `"alwaysRender" requires "renderYamlToDirectory" to be set` }];
  return [];
}

function strictModeFailures(urn: Urn, config: PropertyMap): CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (/^default(_|$)/.test(parseUrn(urn).name)) failures.push({ property: "", reason: "strict mode prohibits default provider" });
  for (const property of ["kubeconfig", "context"])
    if (config[property] === undefined || config[property] === null || config[property] === "")
      failures.push({ property, reason: `strict mode requires Provider "${property}" argument` });
  return failures;
}

function renderFailures(config: PropertyMap, ambientKubeconfig: string | undefined): CheckFailure[] {
  // The SDK fills `kubeconfig` in from the environment; that one is nobody's wish.
  const clashes = (key: string) => isSet(config[key]) && !(key === "kubeconfig" && config[key] === ambientKubeconfig);
  return ["cluster", "context", "kubeconfig"]
    .filter(clashes)
    .map((property) => ({ property, reason: `"${property}" arg is not compatible with "renderYamlToDirectory" arg` }));
}

function isSet(value: PropertyValue | undefined): boolean {
  return value === true || (typeof value === "string" && value !== "");
}
