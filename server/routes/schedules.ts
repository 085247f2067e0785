import { Type } from "typebox";
import { checkName, type LayerId, type ScenarioName } from "#core/ids.ts";
import type { App } from "#server/app-type.ts";
import type { ServerOptions } from "#server/ports.ts";
import { requester } from "#server/requester.ts";
import { environmentPath, problems } from "#server/schemas/common.ts";
import { schedule, scheduleBody, scheduleChange, schedulePath } from "#server/schemas/schedules.ts";

const tags = ["schedules"];
const list = "/environments/:system/:environment/schedules";
const one = `${list}/:id`;

export function scheduleRoutes(app: App, { operations }: ServerOptions): void {
  const { schedules, environments } = operations;

  app.post(
    list,
    {
      schema: {
        tags,
        summary: "Ask for an operation again and again",
        params: environmentPath,
        body: scheduleBody,
        response: {
          201: schedule,
          ...problems(
            "unknown_system",
            "unknown_environment",
            "unknown_scenario",
            "unknown_layer",
            "unknown_field",
            "invalid_name",
            "invalid_schedule",
            "invalid_config",
            "body_too_large",
            "unsupported_media_type",
          ),
        },
      },
    },
    async (request, reply) => {
      const { action, ...rest } = request.body;
      const { scenario, layers, ...asked } = action;
      const made = await schedules.create(
        request.params,
        {
          ...rest,
          action: {
            ...asked,
            ...(scenario === undefined ? {} : { scenario: checkName<ScenarioName>("scenario", scenario) }),
            ...(layers === undefined ? {} : { layers: layers.map((layer) => checkName<LayerId>("layer", layer)) }),
          },
        },
        requester,
      );
      reply.code(201).header("location", `/v1/environments/${made.system}/${made.environment}/schedules/${made.id}`);
      return made;
    },
  );

  app.get(
    list,
    {
      schema: {
        tags,
        summary: "An environment's schedules with their coming times",
        params: environmentPath,
        response: { 200: Type.Object({ items: Type.Array(schedule) }), ...problems("unknown_system", "unknown_environment", "invalid_name") },
      },
    },
    async (request) => {
      await environments.get(request.params.system, request.params.environment);
      return { items: await schedules.list(request.params) };
    },
  );

  app.get(
    one,
    { schema: { tags, summary: "One schedule", params: schedulePath, response: { 200: schedule, ...problems("unknown_schedule") } } },
    async (request) => schedules.get(request.params, request.params.id),
  );

  app.patch(
    one,
    {
      schema: {
        tags,
        summary: "Pause or resume a schedule",
        description: "What was missed while it was paused isn't made up for.",
        params: schedulePath,
        body: scheduleChange,
        response: { 200: schedule, ...problems("unknown_schedule", "unknown_field", "body_too_large", "unsupported_media_type") },
      },
    },
    async (request) => schedules.setPaused(request.params, request.params.id, request.body.paused, requester),
  );

  app.delete(
    one,
    {
      schema: {
        tags,
        summary: "Remove a schedule; the operations it asked for stay",
        params: schedulePath,
        response: { 204: Type.Null({ description: "Removed" }), ...problems("unknown_schedule") },
      },
    },
    async (request, reply) => {
      await schedules.remove(request.params, request.params.id, requester);
      return reply.code(204).send(null);
    },
  );
}
