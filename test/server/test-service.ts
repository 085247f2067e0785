import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { StrataError } from "#core/errors.ts";
import { silentLogger } from "#core/logger.ts";
import type { StackReader } from "#core/stack-reader.ts";
import type { Operations } from "#operations/operations.ts";
import { buildApp } from "#server/app.ts";
import type { App } from "#server/app-type.ts";
import type { ServerOptions } from "#server/ports.ts";
import { fakeCatalogue } from "#test/operations/fake-catalogue.ts";
import { openTestController, type TestController } from "#test/operations/test-controller.ts";
import { embeddedPlaces } from "#test/operations/test-place.ts";

export const token = "a-token-for-tests";

type Method = NonNullable<InjectOptions["method"]>;

/** The real service over real records; only what runs operations, the catalogue, the stacks and the clusters are fakes. */
export interface TestService extends TestController {
  readonly app: App;
  /** Sends a request with the token and answers what came back. */
  send(method: Method, url: string, body?: object | string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export async function openTestService(options: Partial<ServerOptions> = {}): Promise<TestService> {
  const places = await embeddedPlaces();
  const controller = await openTestController(await places.fresh());
  const app = await buildTestApp(controller.operations, options);
  return {
    ...controller,
    app,
    send: (method, url, body, headers) => send(app, method, url, body, headers),
    async close() {
      await controller.operations.close(0);
      await app.close();
      await places.remove();
    },
  };
}

export function send(app: App, method: Method, url: string, body?: object | string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  const type = typeof body === "string" ? { "content-type": "application/json" } : {};
  return app.inject({
    method,
    url,
    headers: { host: "127.0.0.1:7700", authorization: `Bearer ${token}`, ...type, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

export function buildTestApp(operations: Operations, options: Partial<ServerOptions> = {}): Promise<App> {
  return buildApp({
    operations,
    catalogue: fakeCatalogue(),
    stackReader: fakeStackReader,
    clusters: {
      list: async () => [
        { name: "box", source: "sandbox", state: "running", server: "https://127.0.0.1:1", processes: [{ name: "etcd", pid: 1, memoryBytes: 2 }] },
      ],
    },
    token,
    logger: silentLogger,
    instanceId: "instance-1",
    version: "1.2.3",
    status: async () => ({
      pid: 1,
      startedAt: "2026-01-01T00:00:00.000Z",
      engine: { name: "embedded", version: "1", reason: "a test" },
      database: "embedded",
      memoryBytes: 1,
    }),
    ...options,
  });
}

/** Holds the stack of layer `ground` of every environment, nothing of others. */
const fakeStackReader: StackReader = {
  async outputs({ layer }) {
    present(layer);
    return { address: { value: { host: "here" } }, password: { secret: true } };
  },
  async resources({ layer }) {
    present(layer);
    return [{ urn: "urn:pulumi:s::p::t::n", type: "t", name: "n", protect: false, external: false, standIn: true }];
  },
  async history({ layer }, limit) {
    present(layer);
    const entry = {
      kind: "up",
      result: "succeeded",
      startTime: "2026-01-01T00:00:00.000Z",
      endTime: "2026-01-01T00:00:05.000Z",
      changes: { create: 2 },
    } as const;
    return Array.from({ length: 3 }, () => entry).slice(0, limit);
  },
};

function present(layer: string): void {
  if (layer !== "ground") throw new StrataError("stack_not_found", `There is no stack for layer '${layer}'. Bring it up first.`);
}
