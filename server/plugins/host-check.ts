import type { FastifyRequest } from "fastify";
import { StrataError } from "#core/errors.ts";

const loopback = ["localhost", "127.0.0.1", "[::1]"];

/**
 * A check that throws `untrusted_origin` for a request that names a host which isn't ours, or that a web page of another host makes. It keeps a page that
 * points its own name at this machine (DNS rebinding) from talking to the controller.
 */
export function hostCheck(allowedHosts: readonly string[]): (request: FastifyRequest) => Promise<void> {
  const allowed = new Set([...loopback, ...allowedHosts].map((host) => host.toLowerCase()));
  const remedy = `Use one of ${[...allowed].join(", ")}, or allow the name when starting the controller.`;
  return async (request) => {
    const host = request.headers.host ?? "";
    if (!allowed.has(nameOf(`http://${host}`))) throw new StrataError("untrusted_origin", `The request is for host '${host.slice(0, 100)}'. ${remedy}`);
    const { origin } = request.headers;
    if (origin !== undefined && !allowed.has(nameOf(origin)))
      throw new StrataError("untrusted_origin", `The request comes from a page of '${origin.slice(0, 100)}'. ${remedy}`);
  };
}

/** The host name of an address without its port, "" for what isn't one. */
function nameOf(address: string): string {
  return URL.parse(address)?.hostname.toLowerCase() ?? "";
}
