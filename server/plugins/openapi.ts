import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { App } from "#server/app-type.ts";

const description = `Previews, ups, refreshes and destroys environments. Every request but those for health and documentation needs
\`Authorization: Bearer <token>\`; the token is in the file \`token\` of the controller's data folder. Errors are problem documents (RFC 9457) whose
\`code\` is listed at [/problems](/problems).`;

/** The description of every route that is registered later: `/openapi.json`, and a page at `/docs` that loads nothing from elsewhere. */
export async function addOpenapi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Strata", version, description },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
      tags: [
        { name: "catalogue", description: "What can be deployed" },
        { name: "environments", description: "Named instances of systems" },
        { name: "operations", description: "What is done to environments" },
        { name: "schedules", description: "Operations by the clock" },
        { name: "layers", description: "What layers hold" },
        { name: "clusters", description: "Where layers land" },
        { name: "controller", description: "The controller itself" },
      ],
    },
    refResolver: { buildLocalReference: (schema, _base, _fragment, index) => (typeof schema.$id === "string" ? schema.$id : `schema-${index}`) },
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'",
    uiConfig: { deepLinking: true, persistAuthorization: false, validatorUrl: null },
  });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}
