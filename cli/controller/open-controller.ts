import { findController } from "#cli/controller/find-controller.ts";
import { startController, waitUntilReady } from "#cli/controller/start-controller.ts";
import { ControllerApi } from "#cli/http/controller-api.ts";
import type { Endpoint } from "#cli/http/endpoint.ts";
import { JsonClient } from "#cli/http/json-client.ts";
import type { CliPorts } from "#cli/ports.ts";
import type { Time } from "#cli/time.ts";
import { StrataError } from "#core/errors.ts";

export interface OpenOptions {
  readonly ports: CliPorts;
  readonly time: Time;
  readonly signal: AbortSignal;
  readonly whenAbsent: "start" | "find";
  readonly onProgress: (message: string) => void;
}

/**
 * The controller to talk to: the one named by `--url` or STRATA_URL, else the one that serves the data folder, else (if asked) a new one.
 * The token of the data folder is never sent to an address that was named.
 */
export async function openController(given: Given, options: OpenOptions): Promise<ControllerApi | undefined> {
  const endpoint = await resolveEndpoint(given, options);
  return endpoint && new ControllerApi(new JsonClient(endpoint, options.signal));
}

interface Given {
  readonly url?: string;
  readonly token?: string;
}

async function resolveEndpoint(given: Given, options: OpenOptions): Promise<Endpoint | undefined> {
  const { env, settings } = options.ports;
  const url = given.url ?? env["STRATA_URL"];
  const token = given.token ?? env["STRATA_TOKEN"];
  if (url) return { baseUrl: checkUrl(url, given.url === undefined ? "STRATA_URL" : "--url", options.onProgress), ...(token ? { token } : {}) };
  const found = await findController(settings, options.signal);
  if (!found) return options.whenAbsent === "start" ? await startController(options.ports, options) : undefined;
  if (options.whenAbsent === "start") await waitUntilReady(found, options);
  return token ? { ...found, token } : found;
}

function checkUrl(text: string, source: string, warn: (message: string) => void): string {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.pathname !== "/" || url.search || url.username)
    throw new StrataError("invalid_request", `${source} is '${text}', expected the origin of a controller, for example http://127.0.0.1:7700.`);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "http:" && !isLoopback) warn(`Warning: ${url.origin} isn't loopback and has no TLS; the token goes over the network in clear.`);
  return url.origin;
}
