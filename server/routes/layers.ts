import { unknownName } from "#config/check-value.ts";
import { StrataError } from "#core/errors.ts";
import type { StackAddress } from "#core/stack-reader.ts";
import type { App } from "#server/app-type.ts";
import type { ServerOptions } from "#server/ports.ts";
import { problems } from "#server/schemas/common.ts";
import { history, historyQuery, layerPath, outputs, resources } from "#server/schemas/stacks.ts";

const tags = ["layers"];
const base = "/environments/:system/:environment/layers/:layer";
const usualHistory = 20;
const failures = () => problems("unknown_system", "unknown_environment", "unknown_layer", "invalid_name", "stack_not_found");

/** What the layers of an environment hold; read-only. */
export function layerRoutes(app: App, { catalogue, operations, stackReader }: ServerOptions): void {
  const addressOf = async (params: { readonly system: string; readonly environment: string; readonly layer: string }): Promise<StackAddress> => {
    const { system, environment } = await operations.environments.get(params.system, params.environment);
    const layers = catalogue.system(system).layers.map(({ layer }) => layer);
    const layer = layers.find((known) => known === params.layer);
    if (layer) return { system, environment, layer };
    throw new StrataError("unknown_layer", `In system '${system}' ${unknownName("layer", params.layer, layers)}`);
  };

  app.get(
    `${base}/outputs`,
    { schema: { tags, summary: "The layer's outputs, secret ones masked", params: layerPath, response: { 200: outputs, ...failures() } } },
    async (request) => ({ ...(await stackReader.outputs(await addressOf(request.params))) }),
  );

  app.get(
    `${base}/resources`,
    { schema: { tags, summary: "The layer's resources", params: layerPath, response: { 200: resources, ...failures() } } },
    async (request) => ({ items: [...(await stackReader.resources(await addressOf(request.params)))] }),
  );

  app.get(
    `${base}/history`,
    {
      schema: {
        tags,
        summary: "The layer's past updates, newest first",
        params: layerPath,
        querystring: historyQuery,
        response: { 200: history, ...failures() },
      },
    },
    async (request) => ({ items: [...(await stackReader.history(await addressOf(request.params), request.query.limit ?? usualHistory))] }),
  );
}
