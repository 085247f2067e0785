import { resolve } from "node:path";
import { type PropertyMap, unwrapSecrets } from "#core/property-value.ts";
import type { KubeconfigOverrides } from "#providers/kubernetes/client/kubeconfig.ts";

/** What the configuration of a kubernetes provider says. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `Configure` (v4.32.0). */
export interface Settings {
  /** Path, text, or "" for the usual places. */
  readonly kubeconfig: string;
  readonly overrides: KubeconfigOverrides;
  readonly serverSideApply: boolean;
  readonly upsertExistingObjects: boolean;
  readonly patchForce: boolean;
  readonly deleteUnreachable: boolean;
  readonly skipUpdateUnreachable: boolean;
  readonly configMapMutable: boolean;
  readonly secretMutable: boolean;
  readonly suppressDeprecationWarnings: boolean;
  readonly suppressHelmHookWarnings: boolean;
  /** Folder that objects are written to instead of a cluster; "" for none. */
  readonly renderToFolder: string;
  readonly alwaysRender: boolean;
  readonly client: { readonly qps?: number; readonly burst?: number; readonly timeout?: number };
  readonly helm: HelmSettings;
  /** Wait for kinds that have no rule of their own, too. */
  readonly awaitAll: boolean;
  readonly managedByLabel: string;
}

/** Where Helm keeps things; absent ones are Helm's own defaults. */
export interface HelmSettings {
  readonly driver: string;
  readonly pluginsPath?: string;
  readonly registryConfigPath?: string;
  readonly repositoryConfigPath?: string;
  readonly repositoryCache?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings. Throws an `Error` naming an option that can't be understood. */
export function settingsOf(inputs: PropertyMap, environment: Environment, folder: string): Settings {
  const plain = unwrapSecrets(inputs);
  const text = (key: string): string => {
    const value = plain[key];
    return typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
  };
  const flag = (key: string, variable: string, otherwise: boolean): boolean => {
    if (text(key)) return text(key) === "true";
    const value = environment[variable];
    return value === undefined ? otherwise : value === "true";
  };
  return {
    kubeconfig: text("kubeconfig"),
    overrides: { context: text("context"), cluster: text("cluster"), namespace: text("namespace") },
    serverSideApply: flag("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", true),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS", false),
    patchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE", false),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE", false),
    skipUpdateUnreachable: flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE", false),
    configMapMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE", false),
    secretMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE", false),
    suppressDeprecationWarnings: flag("suppressDeprecationWarnings", "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS", false),
    suppressHelmHookWarnings: flag("suppressHelmHookWarnings", "PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS", false),
    renderToFolder: text("renderYamlToDirectory") && resolve(folder, text("renderYamlToDirectory")),
    alwaysRender: text("alwaysRender") === "true",
    client: clientSettings(text("kubeClientSettings"), environment),
    helm: helmSettings(text("helmReleaseSettings"), environment),
    awaitAll: environment.PULUMI_K8S_AWAIT_ALL === "true",
    managedByLabel: environment.PULUMI_KUBERNETES_MANAGED_BY_LABEL || "pulumi",
  };
}

function clientSettings(json: string, environment: Environment): Settings["client"] {
  const given = parseOption("kubeClientSettings", json);
  const result: Record<string, number> = {};
  for (const [key, variable] of [
    ["qps", "PULUMI_K8S_CLIENT_QPS"],
    ["burst", "PULUMI_K8S_CLIENT_BURST"],
    ["timeout", "PULUMI_K8S_CLIENT_TIMEOUT"],
  ] as const) {
    const value = given[key] ?? (environment[variable] || undefined);
    if (value === undefined || value === null) continue;
    const number = Number(value);
    if (!(Number.isFinite(number) && number > 0))
      throw new Error(
        `invalid value specified for ${given[key] === undefined ? variable : `kubeClientSettings.${key}`}: ${String(value)} is not a positive number`,
      );
    result[key] = number;
  }
  return result;
}

function helmSettings(json: string, environment: Environment): HelmSettings {
  const given = parseOption("helmReleaseSettings", json);
  const value = (key: string, variable: string) => {
    const found = given[key] ?? (environment[variable] || undefined);
    return typeof found === "string" ? found : undefined;
  };
  return {
    driver: value("driver", "PULUMI_K8S_HELM_DRIVER") ?? "secret",
    pluginsPath: value("pluginsPath", "PULUMI_K8S_HELM_PLUGINS_PATH"),
    registryConfigPath: value("registryConfigPath", "PULUMI_K8S_HELM_REGISTRY_CONFIG_PATH"),
    repositoryConfigPath: value("repositoryConfigPath", "PULUMI_K8S_HELM_REPOSITORY_CONFIG_PATH"),
    repositoryCache: value("repositoryCache", "PULUMI_K8S_HELM_REPOSITORY_CACHE"),
  };
}

function parseOption(name: string, json: string): Record<string, unknown> {
  if (!json) return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new Error(`failed to unmarshal ${name} option: ${(error as Error).message}`, { cause: error });
  }
  throw new Error(`failed to unmarshal ${name} option: expected an object, got ${json.slice(0, 80)}`);
}
