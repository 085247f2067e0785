import { equalValues, isPropertyMap, type PropertyMap, type PropertyValue, Unknown, unwrapSecrets } from "#core/property-value.ts";
import type { DiffResponse } from "#providers/contract.ts";
import { activeCluster, readKubeconfig } from "#providers/kubernetes/client/kubeconfig.ts";

const clusterKeys = ["kubeconfig", "context", "cluster"];

/**
 * What a changed configuration means for the provider's resources: they are replaced when they would land in another cluster.
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `DiffConfig` (v4.32.0).
 */
export function diffConfig(oldInputs: PropertyMap, newInputs: PropertyMap, folder: string): DiffResponse {
  const olds = unwrapSecrets(oldInputs);
  const news = unwrapSecrets(newInputs);
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => key !== "__internal");
  const changed = keys.filter((key) => !equalValues(olds[key], news[key])).sort();
  if (changed.length === 0) return { changes: "none", replaces: [], diffs: [], deleteBeforeReplace: false };

  const identified = isText(news.clusterIdentifier) && news.clusterIdentifier === olds.clusterIdentifier;
  const replaces = isText(olds.clusterIdentifier) && isText(news.clusterIdentifier) && !identified ? ["clusterIdentifier"] : [];
  const answer = (diffs: readonly string[]): DiffResponse => ({ changes: "some", replaces: identified ? [] : replaces, diffs, deleteBeforeReplace: false });

  const unknownKey = clusterKeys.find((key) => news[key] instanceof Unknown);
  if (unknownKey) {
    replaces.push(unknownKey);
    return answer([unknownKey]);
  }
  if (changed.includes("renderYamlToDirectory")) replaces.push("renderYamlToDirectory");
  const before = clusterOf(olds, folder);
  const after = clusterOf(news, folder);
  if (before && after && !equalValues(before, after)) replaces.push(...clusterKeys.filter((key) => changed.includes(key)));
  return answer(changed);
}

function clusterOf(config: PropertyMap, folder: string): PropertyMap | undefined {
  const overrides = { context: text(config.context), cluster: text(config.cluster) };
  return activeCluster(readKubeconfig(kubeconfigText(config.kubeconfig), folder), overrides);
}

function kubeconfigText(value: PropertyValue | undefined): string {
  if (isPropertyMap(value)) return JSON.stringify(value);
  return text(value);
}

function isText(value: PropertyValue | undefined): value is string {
  return typeof value === "string";
}

function text(value: PropertyValue | undefined): string {
  return isText(value) ? value : "";
}
