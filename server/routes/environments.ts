import { Type } from "typebox";
import { checkName } from "#core/ids.ts";
import type { App } from "#server/app-type.ts";
import type { ServerOptions } from "#server/ports.ts";
import { requester } from "#server/requester.ts";
import { environmentPath, problems } from "#server/schemas/common.ts";
import { environment, environmentBody, environmentQuery, environmentStatus } from "#server/schemas/environments.ts";
import { tagOf, versionIn } from "#server/version-tag.ts";

const tags = ["environments"];
const ifMatch = Type.Object({ "if-match": Type.Optional(Type.String({ description: "ETag of the record as it was read: change only that version" })) });

export function environmentRoutes(app: App, { operations }: ServerOptions): void {
  const { environments } = operations;

  app.get(
    "/environments",
    {
      schema: {
        tags,
        summary: "Environments: those with a record and those that systems ship",
        querystring: environmentQuery,
        response: { 200: Type.Object({ items: Type.Array(environment) }), ...problems("unknown_system") },
      },
    },
    async (request) => ({ items: await environments.list(request.query.system) }),
  );

  app.get(
    "/environments/:system/:environment",
    {
      schema: {
        tags,
        summary: "One environment: its record, how each layer was left, what runs or waits",
        params: environmentPath,
        response: { 200: environmentStatus, ...problems("unknown_system", "unknown_environment", "invalid_name") },
      },
    },
    async (request, reply) => {
      const found = await environments.get(request.params.system, request.params.environment);
      reply.header("etag", tagOf(found.version));
      return found;
    },
  );

  app.put(
    "/environments/:system/:environment",
    {
      schema: {
        tags,
        summary: "Create an environment's record or change it; deploys nothing",
        description: "What the body leaves out comes from the system's template. A name that isn't shipped makes a new environment.",
        params: environmentPath,
        headers: ifMatch,
        body: environmentBody,
        response: {
          200: environment,
          201: environment,
          ...problems(
            "unknown_system",
            "unknown_scenario",
            "unknown_field",
            "invalid_config",
            "invalid_name",
            "stale_etag",
            "body_too_large",
            "unsupported_media_type",
          ),
        },
      },
    },
    async (request, reply) => {
      const version = versionIn(request.headers["if-match"]);
      const { system } = request.params;
      const name = checkName<string>("environment", request.params.environment);
      const { view, created } = await environments.put(system, name, request.body, { requester, ...(version === undefined ? {} : { version }) });
      if (created) reply.header("location", `/v1/environments/${system}/${name}`);
      reply.code(created ? 201 : 200).header("etag", tagOf(view.version));
      return view;
    },
  );
}
