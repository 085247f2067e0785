import { messageOf } from "#core/errors.ts";
import { Cluster, type ServerVersion } from "#providers/kubernetes/client/cluster.ts";
import { accessOf, inClusterEntries } from "#providers/kubernetes/client/cluster-access.ts";
import { type ActiveEntries, activeEntries, activeNamespace, findKubeconfig, readKubeconfig } from "#providers/kubernetes/client/kubeconfig.ts";
import { RestClient } from "#providers/kubernetes/client/rest-client.ts";
import type { Settings } from "#providers/kubernetes/settings.ts";

/** A cluster that answers, or the reason why there is none. Bad or missing access is no error by itself: previews and charts may do without. */
export type Connection =
  | { readonly reachable: true; readonly cluster: Cluster; readonly version: ServerVersion; readonly defaultNamespace: string; readonly entries: ActiveEntries }
  | { readonly reachable: false; readonly reason: string; readonly defaultNamespace: string };

export type ReachableConnection = Extract<Connection, { reachable: true }>;

/** Finds the cluster that the settings mean and asks its version; relative paths start from `folder`. Throws an `Error` only for a server that is too old. */
export async function connect(settings: Settings, environment: Readonly<Record<string, string | undefined>>, folder: string): Promise<Connection> {
  let defaultNamespace = settings.overrides.namespace || "default";
  let entries: ActiveEntries;
  let client: RestClient;
  try {
    const config = settings.kubeconfig ? readKubeconfig(settings.kubeconfig, folder) : findKubeconfig(environment, folder);
    if (config) defaultNamespace = activeNamespace(config, settings.overrides);
    entries = (config ? undefined : inClusterEntries(environment)) ?? activeEntries(config ?? readKubeconfig("", folder), settings.overrides);
    defaultNamespace = settings.overrides.namespace || entries.namespace;
    client = new RestClient(accessOf(entries), settings.client);
  } catch (error) {
    return { reachable: false, reason: unusableConfig(settings, error), defaultNamespace };
  }
  const cluster = new Cluster(client);
  try {
    const version = await cluster.version();
    if (version.major < 1 || (version.major === 1 && version.minor < 13))
      throw new TypeError(`minimum supported cluster version is v1.13. found v${version.major}.${version.minor}`);
    return { reachable: true, cluster, version, defaultNamespace, entries };
  } catch (error) {
    await client.close();
    if (error instanceof TypeError && error.message.startsWith("minimum supported")) throw error;
    return { reachable: false, reason: `unable to load schema information from the API server: ${networkMessage(error, client)}`, defaultNamespace };
  }
}

function unusableConfig(settings: Settings, error: unknown): string {
  if (settings.kubeconfig && !/^(context|cluster|auth info) "|^invalid configuration/.test(messageOf(error)))
    return `failed to parse kubeconfig data in \`kubernetes:config:kubeconfig\`- ${messageOf(error)}`;
  return (
    "unable to load Kubernetes client configuration from kubeconfig file. Make sure you have: \n\n" +
    ` \t • set up the provider as per https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ \n\n ${messageOf(error)}`
  );
}

/** A network failure in the words of Go's client, which users know; anything else as it is. */
function networkMessage(error: unknown, client: RestClient): string {
  const { code, address, port, hostname } = error as { code?: string; address?: string; port?: number; hostname?: string };
  const url = client.urlOf("/openapi/v2?timeout=32s");
  if (code === "ECONNREFUSED") return `Get "${url}": dial tcp ${address ?? ""}:${port ?? ""}: connect: connection refused`;
  if (code === "ENOTFOUND") return `Get "${url}": dial tcp: lookup ${hostname ?? ""}: no such host`;
  if (code === "UND_ERR_CONNECT_TIMEOUT") return `Get "${url}": dial tcp: i/o timeout`;
  return messageOf(error) || String(code);
}
