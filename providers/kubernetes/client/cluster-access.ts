import { existsSync, readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { PropertyMap } from "#core/property-value.ts";
import type { ActiveEntries } from "#providers/kubernetes/client/kubeconfig.ts";
import { at, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** How to reach an API server. */
export interface ClusterAccess {
  /** Base URL, without a trailing slash. */
  readonly server: string;
  readonly tls: ConnectionOptions;
  readonly proxyUrl: string | undefined;
  /** Headers that authenticate a request; may run a credential plugin. */
  authenticate(): Promise<Record<string, string>>;
}

/** Turns the active entries of a kubeconfig into access. Throws when a certificate file can't be read. */
export function accessOf(entries: ActiveEntries): ClusterAccess {
  const { cluster, user } = entries;
  const credentials = needsPlugin(user) ? pluginCredentials(entries) : undefined;
  return {
    server: textAt(cluster, "server").replace(/\/+$/, ""),
    tls: {
      ca: dataOrFile(cluster, "certificate-authority"),
      cert: dataOrFile(user, "client-certificate"),
      key: dataOrFile(user, "client-key"),
      servername: textAt(cluster, "tls-server-name") || undefined,
      ...(at(cluster, "insecure-skip-tls-verify") === true ? { rejectUnauthorized: false } : {}),
    },
    proxyUrl: textAt(cluster, "proxy-url") || undefined,
    authenticate: async () => ({ ...impersonation(user), ...(credentials ? await credentials() : staticCredentials(user)) }),
  };
}

const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Access from inside a pod, as its service account; `undefined` outside of one. */
export function inClusterEntries(environment: Readonly<Record<string, string | undefined>>): ActiveEntries | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  const tokenFile = `${serviceAccountFolder}/token`;
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  return {
    cluster: { server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`, "certificate-authority": `${serviceAccountFolder}/ca.crt` },
    user: { tokenFile },
    namespace: readFileSync(`${serviceAccountFolder}/namespace`, "utf8").trim() || "default",
  };
}

function dataOrFile(entry: PropertyMap, key: string): Buffer | undefined {
  const data = textAt(entry, `${key}-data`);
  if (data) return Buffer.from(data, "base64");
  const file = textAt(entry, key);
  return file ? readFileSync(file) : undefined;
}

/** A token file is read each time, as its content is rotated. */
function staticCredentials(user: PropertyMap): Record<string, string> {
  const file = textAt(user, "tokenFile");
  const token = file ? readFileSync(file, "utf8").trim() : textAt(user, "token");
  if (token) return { authorization: `Bearer ${token}` };
  const name = textAt(user, "username");
  return name ? { authorization: `Basic ${Buffer.from(`${name}:${textAt(user, "password")}`).toString("base64")}` } : {};
}

function impersonation(user: PropertyMap): Record<string, string> {
  const as = textAt(user, "as");
  return as ? { "impersonate-user": as } : {};
}

function needsPlugin(user: PropertyMap): boolean {
  return at(user, "exec") !== undefined || at(user, "auth-provider") !== undefined;
}

/** Credential plugins and OIDC are the client library's; it remembers credentials until they expire. Loaded only here: it is big. */
function pluginCredentials(entries: ActiveEntries): () => Promise<Record<string, string>> {
  let config: Promise<InstanceType<typeof import("@kubernetes/client-node").KubeConfig>> | undefined;
  const load = async () => {
    const { KubeConfig } = await import("@kubernetes/client-node");
    const loaded = new KubeConfig();
    const name = "active";
    loaded.loadFromString(
      JSON.stringify({
        "current-context": name,
        contexts: [{ name, context: { cluster: name, user: name } }],
        clusters: [{ name, cluster: entries.cluster }],
        users: [{ name, user: entries.user }],
      }),
    );
    return loaded;
  };
  return async () => {
    config ??= load();
    const options: { headers?: Record<string, unknown>; auth?: string } = {};
    await (await config).applyToHTTPSOptions(
      options as Parameters<InstanceType<typeof import("@kubernetes/client-node").KubeConfig>["applyToHTTPSOptions"]>[0],
    );
    const headers: Record<string, string> = {};
    for (const [key, value] of Object.entries(options.headers ?? {})) headers[key.toLowerCase()] = String(value);
    return headers;
  };
}
