import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "yaml";
import { isPropertyMap, type PropertyMap, type PropertyValue } from "#core/property-value.ts";
import { listAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** A kubeconfig document: entries by name, as written. Relative file names are resolved against the folder it was read from. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, PropertyMap>;
  readonly clusters: ReadonlyMap<string, PropertyMap>;
  readonly users: ReadonlyMap<string, PropertyMap>;
}

/** What a provider's configuration says about which entries of a kubeconfig to use. */
export interface KubeconfigOverrides {
  readonly context?: string;
  readonly cluster?: string;
  readonly namespace?: string;
}

/** The entries of a kubeconfig that are in use. */
export interface ActiveEntries {
  readonly cluster: PropertyMap;
  readonly user: PropertyMap;
  readonly namespace: string;
}

const emptyKubeconfig: Kubeconfig = { currentContext: "", contexts: new Map(), clusters: new Map(), users: new Map() };

/** Reads a kubeconfig given as a path (`~` allowed; a relative one starts from `folder`) or as YAML or JSON text; "" is an empty one. Throws an `Error` for text that is neither. */
export function readKubeconfig(pathOrText: string, folder: string): Kubeconfig {
  if (!pathOrText) return emptyKubeconfig;
  const path = pathOrText === "~" || pathOrText.startsWith("~/") ? join(homedir(), pathOrText.slice(1)) : inFolder(pathOrText, folder);
  return isFile(path) ? parseKubeconfig(readFileSync(path, "utf8"), dirname(path)) : parseKubeconfig(pathOrText, "");
}

/** Finds the kubeconfig as kubectl does: the files of KUBECONFIG (earlier ones win), else `~/.kube/config`; `undefined` when there is none. */
export function findKubeconfig(environment: Readonly<Record<string, string | undefined>>, folder: string): Kubeconfig | undefined {
  const listed = (environment.KUBECONFIG ?? "").split(delimiter).filter(Boolean);
  const files = (listed.length ? listed : [join(environment.HOME ?? homedir(), ".kube", "config")]).map((file) => inFolder(file, folder)).filter(isFile);
  if (files.length === 0) return undefined;
  return files.map((file) => parseKubeconfig(readFileSync(file, "utf8"), dirname(file))).reduce(merge);
}

/** The active cluster, user and namespace. Throws an `Error` naming the entry that is missing. */
export function activeEntries(config: Kubeconfig, overrides: KubeconfigOverrides): ActiveEntries {
  const contextName = overrides.context || config.currentContext;
  const context = config.contexts.get(contextName);
  if (overrides.context && !context) throw new Error(`context "${overrides.context}" does not exist`);
  const clusterName = overrides.cluster || textAt(context, "cluster");
  const cluster = config.clusters.get(clusterName);
  if (clusterName && !cluster) throw new Error(`cluster "${clusterName}" does not exist`);
  const server = textAt(cluster, "server");
  if (!cluster || !server) throw new Error("invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable");
  const userName = textAt(context, "user");
  const user = config.users.get(userName);
  if (userName && !user) throw new Error(`auth info "${userName}" does not exist`);
  return { cluster, user: user ?? {}, namespace: overrides.namespace || textAt(context, "namespace") || "default" };
}

/** The namespace of the active context, `default` if it has none. */
export function activeNamespace(config: Kubeconfig, overrides: KubeconfigOverrides): string {
  return overrides.namespace || textAt(config.contexts.get(overrides.context || config.currentContext), "namespace") || "default";
}

/** The entry of the active cluster; `undefined` when there is none. */
export function activeCluster(config: Kubeconfig, overrides: KubeconfigOverrides): PropertyMap | undefined {
  const context = config.contexts.get(overrides.context || config.currentContext);
  return context && config.clusters.get(overrides.cluster || textAt(context, "cluster"));
}

function isFile(path: string): boolean {
  // A long text can't be a path: asking the file system would fail for another reason than absence.
  if (path.length > 4096 || path.includes("\n")) return false;
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Text that isn't a path stays as it is. */
function inFolder(path: string, folder: string): string {
  return path.includes("\n") ? path : resolve(folder, path);
}

function parseKubeconfig(text: string, folder: string): Kubeconfig {
  const document: unknown = parse(text);
  if (!isPropertyMap(document as PropertyValue))
    throw new Error("couldn't get version/kind; json parse error: the kubeconfig is neither a file that exists nor a YAML or JSON object");
  const config = document as PropertyMap;
  return {
    currentContext: textAt(config, "current-context"),
    contexts: entries(config, "contexts", "context", folder),
    clusters: entries(config, "clusters", "cluster", folder),
    users: entries(config, "users", "user", folder),
  };
}

const fileKeys = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

function entries(config: PropertyMap, list: string, key: string, folder: string): Map<string, PropertyMap> {
  const found = new Map<string, PropertyMap>();
  for (const item of listAt(config, list)) {
    const value = isPropertyMap(item) ? item[key] : undefined;
    const entry: PropertyMap = isPropertyMap(value) ? { ...value } : {};
    for (const file of fileKeys) {
      const path = entry[file];
      if (typeof path === "string" && path && folder && !isAbsolute(path)) entry[file] = join(folder, path);
    }
    found.set(textAt(item, "name"), entry);
  }
  return found;
}

function merge(first: Kubeconfig, second: Kubeconfig): Kubeconfig {
  return {
    currentContext: first.currentContext || second.currentContext,
    contexts: new Map([...second.contexts, ...first.contexts]),
    clusters: new Map([...second.clusters, ...first.clusters]),
    users: new Map([...second.users, ...first.users]),
  };
}
