import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ErrorCode, errorCatalogue } from "#core/error-catalogue.ts";
import type { Operations } from "#operations/operations.ts";
import type { App } from "#server/app-type.ts";
import { errorReference } from "#server/error-reference.ts";
import { buildTestApp, send } from "#test/server/test-service.ts";

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let app: App;
let document: Document;
beforeAll(async () => {
  // Nothing here asks the records.
  app = await buildTestApp({ environments: {}, schedules: {} } as Operations);
  document = (await send(app, "GET", "/openapi.json", undefined, { authorization: "" })).json<Document>();
});
afterAll(() => app.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  );

describe("the OpenAPI description", () => {
  test("is version 3.1 and names every route of the service", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(
      [
        "get /healthz",
        "get /readyz",
        "get /v1/systems",
        "get /v1/systems/{system}",
        "get /v1/environments",
        "get /v1/environments/{system}/{environment}",
        "put /v1/environments/{system}/{environment}",
        "post /v1/environments/{system}/{environment}/operations",
        "get /v1/environments/{system}/{environment}/layers/{layer}/outputs",
        "get /v1/environments/{system}/{environment}/layers/{layer}/resources",
        "get /v1/environments/{system}/{environment}/layers/{layer}/history",
        "get /v1/environments/{system}/{environment}/schedules",
        "post /v1/environments/{system}/{environment}/schedules",
        "get /v1/environments/{system}/{environment}/schedules/{id}",
        "patch /v1/environments/{system}/{environment}/schedules/{id}",
        "delete /v1/environments/{system}/{environment}/schedules/{id}",
        "get /v1/operations",
        "get /v1/operations/{id}",
        "get /v1/operations/{id}/events",
        "post /v1/operations/{id}/cancel",
        "get /v1/status",
        "get /v1/clusters",
        "get /v1/audit",
      ].sort(),
    );
  });

  test("says of each route what it is, what it answers, and which problems there may be", () => {
    for (const { name, path, operation } of operations()) {
      expect(operation.summary, name).toBeTruthy();
      expect(operation.tags, name).toHaveLength(1);
      const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
      expect(operation.parameters?.filter((parameter) => parameter.in === "path").map((parameter) => parameter.name) ?? [], name).toEqual(parameters);
      expect(
        Object.keys(operation.responses).some((status) => status.startsWith("2")),
        name,
      ).toBe(true);
      if (path.startsWith("/v1")) for (const status of ["400", "401", "403", "429", "500"]) expect(operation.responses, name).toHaveProperty(status);
      else if (path === "/healthz") expect(operation.security).toEqual([]);
    }
  });

  test("describes each problem as a problem document whose codes have that status", () => {
    for (const { name, operation } of operations())
      for (const [status, { description, content }] of Object.entries(operation.responses).filter(([status]) => Number(status) >= 400)) {
        expect(Object.keys(content ?? {}), name).toEqual(["application/problem+json"]);
        const codes = [...description.matchAll(/`(\w+)`/g)].map(([, code]) => code as ErrorCode);
        expect(codes.length, name).toBeGreaterThan(0);
        for (const code of codes) expect(errorCatalogue[code]?.status, `${name} ${code}`).toBe(Number(status));
      }
  });

  test("has every reference resolved and every code of the catalogue in its problem schema", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
    expect(references.length).toBeGreaterThan(10);
    for (const name of references) expect(document.components.schemas).toHaveProperty(name);
    expect(document.components.schemas.Problem).toMatchObject({ properties: { code: { enum: Object.keys(errorCatalogue) } } });
    expect(JSON.stringify(document)).not.toMatch(/"\$ref":"(?!#\/components)/);
  });

  test("is shown on a page that loads nothing from elsewhere", async () => {
    const page = await send(app, "GET", "/docs/", undefined, { authorization: "" });
    expect(page.statusCode).toBe(200);
    const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(loaded.length).toBeGreaterThan(3);
    for (const address of loaded) {
      expect(address).not.toMatch(/^(?:https?:)?\/\//);
      const asset = await send(app, "GET", new URL(address, "http://localhost/docs/").pathname, undefined, { authorization: "" });
      expect(asset.statusCode, address).toBe(200);
    }
    expect(page.headers["content-security-policy"]).toContain("default-src 'self'");
  });
});

describe("the error catalogue", () => {
  test("has a page for each code at the address that problem documents give", async () => {
    for (const [code, { title, status }] of Object.entries(errorCatalogue)) {
      const page = await send(app, "GET", `/problems/${code.replaceAll("_", "-")}`, undefined, { authorization: "" });
      expect(page.statusCode, code).toBe(200);
      expect(page.body).toContain(`<code>${code}</code>`);
      expect(page.body).toContain(String(status));
      expect(page.body).toContain(title);
    }
    expect((await send(app, "GET", "/problems/nonsense")).statusCode).toBe(404);
  });

  test("is what docs/reference/errors.md says (STRATA_ACCEPT=1 writes it anew)", async () => {
    const path = join(import.meta.dirname, "../../docs/reference/errors.md");
    if (process.env.STRATA_ACCEPT === "1") await writeFile(path, errorReference());
    expect(await readFile(path, "utf8")).toBe(errorReference());
  });

  test("holds every code that the controller's rooms throw", async () => {
    const root = join(import.meta.dirname, "../..");
    const thrown = new Set<string>();
    for (const room of ["server", "operations", "config", "core"])
      for (const file of await readdir(join(root, room), { recursive: true }))
        if (file.endsWith(".ts"))
          for (const [, code] of (await readFile(join(root, room, file), "utf8")).matchAll(/new StrataError\(\s*"(\w+)"/g)) thrown.add(code!);
    expect(thrown.size).toBeGreaterThan(20);
    for (const code of thrown) expect(errorCatalogue).toHaveProperty(code);
  });
});
