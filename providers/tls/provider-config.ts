import { isPropertyMap, type PropertyMap } from "#core/property-value.ts";
import { parseUrn, type Urn } from "#core/urn.ts";
import { unknownConfigKey } from "#providers/bridged/bridged-provider.ts";

export interface ProxySettings {
  readonly url: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** @default true, unless a URL is given */
  readonly fromEnv: boolean | undefined;
}

/** The block `proxy` of the provider's inputs, which come as JSON text or as objects. Throws an `Error` for text that isn't JSON. */
export function proxySettings(config: PropertyMap): ProxySettings {
  const block = proxyBlock(config);
  const text = (key: string): string | undefined => (typeof block[key] === "string" ? block[key] : undefined);
  const fromEnv = block["fromEnv"] === "true" ? true : block["fromEnv"] === "false" ? false : block["fromEnv"];
  return { url: text("url"), username: text("username"), password: text("password"), fromEnv: typeof fromEnv === "boolean" ? fromEnv : undefined };
}

/** The environment in which HTTPS requests find their proxy; empty for none. Throws an `Error` for a proxy that can't be used. */
export function proxyEnvironment(
  { url, username, password, fromEnv }: ProxySettings,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  if (url !== undefined) {
    const proxy = new URL(url);
    if (proxy.protocol === "socks5:") throw new Error(`the proxy ${proxy.protocol}//${proxy.host} can't be used: only http and https proxies can`);
    if (username !== undefined) proxy.username = username;
    if (password !== undefined) proxy.password = password;
    return { HTTPS_PROXY: proxy.href, HTTP_PROXY: proxy.href, NO_PROXY: "" };
  }
  if (fromEnv === false) return {};
  const either = (name: string): Record<string, string> => {
    const value = env[name] || env[name.toLowerCase()];
    return value ? { [name]: value } : {};
  };
  const proxied = { ...either("HTTPS_PROXY"), ...either("HTTP_PROXY") };
  if (Object.keys(proxied).length === 0) return {};
  return { ...proxied, NO_PROXY: ["localhost", "127.0.0.1", "::1", either("NO_PROXY")["NO_PROXY"]].filter(Boolean).join(",") };
}

/** The proxy as a whole is secret when it has a password. */
export function secretConfigKeys(config: PropertyMap): string[] {
  try {
    return proxySettings(config).password === undefined ? [] : ["proxy"];
  } catch {
    return ["proxy"];
  }
}

/** Every fault of the provider's inputs in the bridge's words. */
export function configFaults(config: PropertyMap, urn: Urn): string[] {
  const unknownKeys = Object.keys(config).filter((key) => !["version", "pluginDownloadURL", "proxy"].includes(key) && !key.startsWith("__"));
  return [...unknownKeys.map((key) => unknownConfigKey("tls", key, urn)), ...proxyFaults(config, urn)];
}

function proxyFaults(config: PropertyMap, urn: Urn): string[] {
  const { name } = parseUrn(urn);
  const place = (key: string): string =>
    name.startsWith("default") ? `Check \`pulumi config get --path tls:${key}\`.` : `Examine values at '${name}.${key}'.`;
  const fault = (key: string, text: string): string => `could not validate provider configuration: ${text}. ${place(key)}`;
  try {
    const { url, username, password, fromEnv } = proxySettings(config);
    const conflict = (other: string): string =>
      `Invalid Attribute Combination. Attribute "proxy[0].${other}" cannot be specified when "proxy[0].from_env" is specified`;
    const missing = (other: string, key: string): string =>
      `Invalid Attribute Combination. Attribute "proxy[0].${other}" must be specified when "proxy[0].${key}" is specified`;
    return [
      ...(url === undefined ? [] : urlFaults(url, ["http", "https", "socks5"]).map((text) => fault("proxy.url", text))),
      ...(username !== undefined && url === undefined ? [fault("proxy.username", missing("url", "username"))] : []),
      ...(password !== undefined && username === undefined ? [fault("proxy.password", missing("username", "password"))] : []),
      ...(fromEnv !== undefined
        ? Object.entries({ url, username, password }).flatMap(([key, value]) => (value === undefined ? [] : [fault("proxy.fromEnv", conflict(key))]))
        : []),
    ];
  } catch (error) {
    return [fault("proxy", (error as Error).message)];
  }
}

/** What keeps a text from being a URL with one of the schemes, in upstream's words (attribute_validator/url_with_scheme.go, v4.2.1). */
export function urlFaults(text: string, schemes: readonly string[]): string[] {
  const quoted = JSON.stringify(text);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase() ?? "";
  if (!/^[^/?#]*:?\/\/[^/?#]+/.test(text)) return [`Invalid URL. URL ${quoted} contains no host`];
  if (!schemes.includes(scheme))
    return [
      `Invalid URL scheme. URL ${quoted} expected to use scheme from [${schemes.map((s) => JSON.stringify(s)).join(" ")}], got: ${JSON.stringify(scheme)}`,
    ];
  return URL.canParse(text) ? [] : [`Invalid URL. Parsing URL ${quoted} failed: it has a wrong host or port`];
}

function proxyBlock(config: PropertyMap): PropertyMap {
  const { proxy = null } = config;
  if (isPropertyMap(proxy)) return proxy;
  if (typeof proxy !== "string" || proxy === "") return {};
  try {
    const parsed: unknown = JSON.parse(proxy);
    return isPropertyMap(parsed as PropertyMap) ? (parsed as PropertyMap) : {};
  } catch (error) {
    throw new Error(`the value of proxy isn't JSON: ${(error as Error).message}`, { cause: error });
  }
}
