import { randomUUID } from "node:crypto";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify from "fastify";
import { StrataError } from "#core/errors.ts";
import type { App } from "#server/app-type.ts";
import { bearerCheck } from "#server/plugins/bearer-token.ts";
import { hostCheck } from "#server/plugins/host-check.ts";
import { addJsonBody } from "#server/plugins/json-body.ts";
import { watchMethods } from "#server/plugins/method-check.ts";
import { addOpenapi } from "#server/plugins/openapi.ts";
import { addProblemDetails, answerNotFound, pathOf, sendProblem, translate } from "#server/plugins/problem-details.ts";
import { addRequestValidation } from "#server/plugins/request-validation.ts";
import type { ServerOptions } from "#server/ports.ts";
import { controllerRoutes, healthRoutes } from "#server/routes/controller.ts";
import { environmentRoutes } from "#server/routes/environments.ts";
import { layerRoutes } from "#server/routes/layers.ts";
import { operationRoutes } from "#server/routes/operations.ts";
import { problemRoutes } from "#server/routes/problems.ts";
import { scheduleRoutes } from "#server/routes/schedules.ts";
import { systemRoutes } from "#server/routes/systems.ts";
import { problemSchema } from "#server/schemas/common.ts";
import { operationSchema } from "#server/schemas/operations.ts";

/** The HTTP service, complete but not listening. Closing it ends its event streams; the operations it talks to are closed by whoever opened them. */
export async function buildApp(options: ServerOptions): Promise<App> {
  const { logger } = options;
  const app: App = fastify({
    bodyLimit: options.bodyLimitBytes ?? 1_048_576,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => void sendProblem(translate(error, request, logger), request, reply),
    // Clients that keep a connection open don't hold up a stop.
    forceCloseConnections: "idle",
  }).withTypeProvider<TypeBoxTypeProvider>();
  const closing = new AbortController();
  app.addHook("preClose", async () => closing.abort());

  addProblemDetails(app, logger);
  addRequestValidation(app);
  addJsonBody(app);
  app.addHook("onRequest", async (request, reply) => void reply.header("x-request-id", request.id));
  app.addHook("onRequest", hostCheck(options.allowedHosts ?? []));
  app.addHook("onResponse", async (request, reply) =>
    logger.debug(
      { request: request.id, method: request.method, path: pathOf(request), status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      "Answered a request",
    ),
  );
  await app.register(helmet, { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  await app.register(rateLimit, {
    max: options.requestsPerMinute ?? 1200,
    timeWindow: "1 minute",
    errorResponseBuilder: (_request, { max, after }) => new StrataError("rate_limited", `More than ${max} requests in a minute. Try again in ${after}.`),
  });
  app.addSchema(problemSchema);
  app.addSchema(operationSchema);
  await addOpenapi(app, options.version);

  await app.register(async (open) => {
    const methods = watchMethods(open);
    healthRoutes(open as App, options);
    problemRoutes(open as App);
    methods.refuseOthers();
  });
  await app.register(
    async (guarded) => {
      guarded.addHook("onRequest", bearerCheck(options.token));
      guarded.setNotFoundHandler(answerNotFound);
      const methods = watchMethods(guarded);
      systemRoutes(guarded as App, options);
      environmentRoutes(guarded as App, options);
      operationRoutes(guarded as App, options, closing.signal);
      layerRoutes(guarded as App, options);
      scheduleRoutes(guarded as App, options);
      controllerRoutes(guarded as App, options);
      methods.refuseOthers();
    },
    { prefix: "/v1" },
  );
  return app;
}
