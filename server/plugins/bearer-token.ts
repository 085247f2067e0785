import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { StrataError } from "#core/errors.ts";

/** A check that throws `unauthorized` unless a request carries `Authorization: Bearer <token>`. The time it takes tells nothing about the token. */
export function bearerCheck(token: string): (request: FastifyRequest) => Promise<void> {
  const expected = digest(token);
  return async (request) => {
    const [scheme, given, ...more] = (request.headers.authorization ?? "").split(" ");
    if (!scheme) throw new StrataError("unauthorized", `The request has no token. Send 'Authorization: Bearer <token>'; ${whereItIs}`);
    if (scheme.toLowerCase() !== "bearer" || !given || more.length)
      throw new StrataError("unauthorized", `The Authorization header isn't 'Bearer <token>'; ${whereItIs}`);
    if (!timingSafeEqual(digest(given), expected)) throw new StrataError("unauthorized", `The token isn't this controller's; ${whereItIs}`);
  };
}

const whereItIs = "the token is in the file 'token' of the controller's data folder.";

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
