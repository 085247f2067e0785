import { Type } from "typebox";
import type { App } from "#server/app-type.ts";
import type { ServerOptions } from "#server/ports.ts";
import { limit, problems } from "#server/schemas/common.ts";
import { audit, clusters, health, readiness, status } from "#server/schemas/controller.ts";

const tags = ["controller"];
const usualAudit = 100;

/** For probes; open to everybody. */
export function healthRoutes(app: App, { operations, instanceId, version }: ServerOptions): void {
  app.get(
    "/healthz",
    { schema: { tags, summary: "Whether the controller answers, and which one it is", security: [], response: { 200: health } } },
    async () => ({ status: "ok" as const, instance: instanceId, version }),
  );

  app.get(
    "/readyz",
    {
      schema: {
        tags,
        summary: "Whether the controller can take requests",
        security: [],
        response: { 200: readiness, ...problems("database_unavailable", "disk_full") },
      },
    },
    async () => {
      await operations.ready();
      return { status: "ready" as const };
    },
  );
}

export function controllerRoutes(app: App, { operations, clusters: reader, instanceId, version, status: statusOf }: ServerOptions): void {
  app.get("/status", { schema: { tags, summary: "Facts about this controller", response: { 200: status, ...problems() } } }, async () => ({
    instance: instanceId,
    version,
    ...(await statusOf()),
  }));

  app.get("/clusters", { schema: { tags: ["clusters"], summary: "Clusters that environments use", response: { 200: clusters, ...problems() } } }, async () => ({
    items: (await reader.list()).map((cluster) => ({ ...cluster, processes: [...cluster.processes] })),
  }));

  app.get(
    "/audit",
    {
      schema: {
        tags,
        summary: "Who asked for what, newest first",
        querystring: Type.Object({ limit: limit(1000, usualAudit) }, { additionalProperties: false }),
        response: { 200: audit, ...problems() },
      },
    },
    async (request) => ({ items: (await operations.audit(request.query.limit ?? usualAudit)).map((entry) => ({ ...entry, time: entry.time.toISOString() })) }),
  );
}
