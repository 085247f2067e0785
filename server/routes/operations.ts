import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { StrataError } from "#core/errors.ts";
import { checkName, type EnvironmentName, type LayerId, type ScenarioName, type SystemName } from "#core/ids.ts";
import type { OperationRequest } from "#core/operation.ts";
import type { OperationRecord } from "#core/operation-record.ts";
import type { App } from "#server/app-type.ts";
import { streamEvents } from "#server/plugins/event-stream.ts";
import type { ServerOptions } from "#server/ports.ts";
import { requester } from "#server/requester.ts";
import { environmentPath, problems } from "#server/schemas/common.ts";
import { type EventPage, eventPage, eventQuery, operation, operationBody, operationId, operationPage, operationQuery } from "#server/schemas/operations.ts";

const tags = ["operations"];
const heartbeatMs = 15_000;
const keyHeader = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({
      pattern: "^[\\x21-\\x7e]{1,200}$",
      description: "1 to 200 visible ASCII characters; a repeated request with the same key gets the first one's operation",
    }),
  ),
});
const resumeHeader = Type.Object({ "last-event-id": Type.Optional(Type.String({ description: "Id of the last event the client has" })) });
const accepted = Type.Unsafe<OperationRecord>({
  description: "Accepted. `Location` is the operation's address; `Idempotency-Replayed: true` when the key was seen before",
  content: { "application/json": { schema: operation } },
});

export function operationRoutes(app: App, options: ServerOptions, closing: AbortSignal): void {
  const { operations, logger } = options;

  app.post(
    "/environments/:system/:environment/operations",
    {
      schema: {
        tags,
        summary: "Ask for a preview, up, refresh or destroy",
        description:
          "Answers at once; the operation waits until those before it in the same environment are over. An `up` makes its scenario the environment's own.",
        params: environmentPath,
        headers: keyHeader,
        body: operationBody,
        response: {
          202: accepted,
          ...problems(
            "unknown_system",
            "unknown_environment",
            "unknown_scenario",
            "unknown_layer",
            "unknown_field",
            "invalid_config",
            "invalid_name",
            "operation_running",
            "idempotency_conflict",
            "body_too_large",
            "unsupported_media_type",
            "shutting_down",
          ),
        },
      },
    },
    async (request, reply) => {
      const { onConflict, ...asked } = request.body;
      const idempotencyKey = request.headers["idempotency-key"];
      const submission = await operations.submit(requestFor(request.params, asked), {
        requester,
        ...(onConflict ? { onConflict } : {}),
        ...(idempotencyKey ? { idempotencyKey } : {}),
      });
      if (!submission.created) reply.header("idempotency-replayed", "true");
      return reply.code(202).header("location", `/v1/operations/${submission.operation.id}`).type("application/json").send(submission.operation);
    },
  );

  app.get(
    "/operations",
    { schema: { tags, summary: "Operations, newest first", querystring: operationQuery, response: { 200: operationPage, ...problems() } } },
    async (request) => {
      const { state, kind, ...filter } = request.query;
      return operations.list({ ...filter, ...(state ? { states: state } : {}), ...(kind ? { kinds: kind } : {}) });
    },
  );

  app.get(
    "/operations/:id",
    { schema: { tags, summary: "One operation", params: operationId, response: { 200: operation, ...problems("unknown_operation") } } },
    async (request) => operations.get(request.params.id),
  );

  app.get(
    "/operations/:id/events",
    {
      schema: {
        tags,
        summary: "What happened in an operation: a stream, or a list",
        description:
          "With `Accept: text/event-stream` a stream of server-sent events that ends after `finished` (204 when the client has them all); its ids resume it through `Last-Event-ID` or `after`. Otherwise a JSON list.",
        params: operationId,
        querystring: eventQuery,
        headers: resumeHeader,
        response: {
          200: Type.Unsafe<EventPage>({
            description: "The events",
            content: { "application/json": { schema: eventPage }, "text/event-stream": { schema: Type.String() } },
          }),
          204: Type.Null({ description: "The operation is over and the client has all its events" }),
          ...problems("unknown_operation"),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const after = request.query.after ?? lastEventId(request.headers["last-event-id"]);
      if (!wantsStream(request)) {
        const items = await operations.events(id, { after, ...(request.query.limit ? { limit: request.query.limit } : {}) });
        const next = items.at(-1)?.sequence;
        return reply.type("application/json").send({ items, ...(next ? { next } : {}) });
      }
      const { result, lastSequence } = await operations.get(id);
      if (result && after >= lastSequence) return reply.code(204).send(null);
      const events = (signal: AbortSignal) => operations.follow(id, { after, signal });
      return streamEvents(request as FastifyRequest, reply as FastifyReply, {
        events,
        closing,
        logger,
        heartbeatMs: options.heartbeatMs ?? heartbeatMs,
      });
    },
  );

  app.post(
    "/operations/:id/cancel",
    {
      schema: {
        tags,
        summary: "Ask an operation to end",
        description: "A waiting one ends at once; a running one ends gracefully and keeps what it did. Asking again changes nothing.",
        params: operationId,
        response: { 202: operation, ...problems("unknown_operation", "operation_finished") },
      },
    },
    async (request, reply) => {
      reply.code(202);
      return await operations.cancel(request.params.id, requester);
    },
  );
}

interface Asked {
  readonly kind: OperationRequest["kind"];
  readonly scenario?: string;
  readonly layers?: readonly string[];
  readonly targets?: readonly string[];
  readonly reason?: string;
  readonly force?: boolean;
}

function requestFor(place: { readonly system: string; readonly environment: string }, { scenario, layers, ...rest }: Asked): OperationRequest {
  return {
    ...rest,
    system: checkName<SystemName>("system", place.system),
    environment: checkName<EnvironmentName>("environment", place.environment),
    ...(scenario === undefined ? {} : { scenario: checkName<ScenarioName>("scenario", scenario) }),
    ...(layers === undefined ? {} : { layers: layers.map((layer) => checkName<LayerId>("layer", layer)) }),
  };
}

function wantsStream(request: { readonly headers: FastifyRequest["headers"] }): boolean {
  return (request.headers.accept ?? "").includes("text/event-stream");
}

function lastEventId(header: string | undefined): number {
  if (header === undefined || header === "") return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  throw new StrataError("invalid_request", `Last-Event-ID is '${header.slice(0, 40)}'; send the id of the last event that was received.`);
}
