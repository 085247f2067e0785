import type { FastifyInstance, HTTPMethods } from "fastify";
import { StrataError } from "#core/errors.ts";

const methods: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Remembers which methods each address takes; `refuseOthers` then answers 405 with `Allow` for the rest. Call in a plugin before its routes are registered. */
export function watchMethods(app: FastifyInstance): { refuseOthers(): void } {
  const taken = new Map<string, Set<string>>();
  app.addHook("onRoute", (route) => {
    const url = route.routePath;
    const known = taken.get(url) ?? new Set();
    for (const method of [route.method].flat()) known.add(method);
    taken.set(url, known);
  });
  return {
    refuseOthers() {
      for (const [url, known] of [...taken]) {
        if (url.includes("*")) continue;
        const allow = [...known].sort().join(", ");
        app.route({
          url,
          method: methods.filter((method) => !known.has(method) && !(method === "HEAD" && known.has("GET"))),
          schema: { hide: true },
          handler: async (request, reply) => {
            reply.header("allow", allow);
            throw new StrataError("method_not_allowed", `${app.prefix}${url} takes ${allow}, not ${request.method}.`);
          },
        });
      }
    },
  };
}
