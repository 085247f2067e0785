import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isStrataError, messageOf, StrataError, toProblem } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";

/** How soon a client may try again what failed for a passing reason. */
const retryAfterSeconds = 5;

/** Every answer that isn't a success is a problem document (RFC 9457); routes throw. */
export function addProblemDetails(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(translate(error, request, logger), request, reply));
  app.setNotFoundHandler(answerNotFound);
}

/** For `setNotFoundHandler`, also of a part of the service whose hooks must run first. */
export async function answerNotFound(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return sendProblem(new StrataError("not_found", `There is nothing at ${request.method} ${pathOf(request)}. /docs describes every address.`), request, reply);
}

/** Answers with the problem document of an error. */
export function sendProblem(error: StrataError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = { ...toProblem(error), instance: pathOf(request), request_id: request.id };
  if (error.status === 401) reply.header("www-authenticate", 'Bearer realm="strata"');
  if (error.status === 503) reply.header("retry-after", String(retryAfterSeconds));
  // Serialised here, so that no route's response schema can drop a member.
  return reply.code(error.status).header("content-type", "application/problem+json; charset=utf-8").send(JSON.stringify(problem));
}

/** The framework's own errors in our words; anything unforeseen becomes `internal`, whose cause is only logged. */
export function translate(error: FastifyError, request: FastifyRequest, logger: Logger): StrataError {
  if (isStrataError(error)) {
    if (error.status >= 500) logger.warn({ request: request.id, code: error.code, detail: error.detail }, "A request failed");
    return error;
  }
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE": {
      const limit = request.routeOptions.bodyLimit;
      return new StrataError("body_too_large", `The body has more than ${limit} bytes. Send less; large values belong in configuration files.`, {
        facts: { limitBytes: limit },
      });
    }
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new StrataError(
        "unsupported_media_type",
        `The body is sent as '${String(request.headers["content-type"] ?? "").slice(0, 80)}'. Send JSON with the header 'Content-Type: application/json'.`,
      );
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new StrataError("invalid_request", "The body has another length than the Content-Length header says. Send the whole body.");
    case "FST_ERR_BAD_URL":
      return new StrataError("invalid_request", `The address '${request.url.slice(0, 200)}' can't be decoded: check its percent signs.`);
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return new StrataError("invalid_request", messageOf(error));
  logger.error({ request: request.id, method: request.method, path: pathOf(request), error: error.stack ?? messageOf(error) }, "A request failed unexpectedly");
  return new StrataError(
    "internal",
    `The request couldn't be answered because of a fault in Strata. The controller's log tells more under request ${request.id}.`,
  );
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0]!;
}
