import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Problem } from "#core/errors.ts";
import { silentLogger } from "#core/logger.ts";
import { buildTestApp, openTestService, send, type TestService, token } from "#test/server/test-service.ts";

type Answer = Problem & { readonly request_id: string; readonly instance: string };

const logged: string[] = [];
const logger = { ...silentLogger, error: (facts: object) => void logged.push(JSON.stringify(facts)) };
let service: TestService;
beforeAll(async () => {
  service = await openTestService({
    logger,
    bodyLimitBytes: 1000,
    requestsPerMinute: 100_000,
    status: async () => {
      throw new Error("the secret inside");
    },
  });
}, 60_000);
afterAll(() => service.close(), 60_000);

const url = "/v1/environments/box/dev/operations";
const post = (body?: object | string, headers?: Record<string, string>) => service.send("POST", url, body, headers);

describe("a body", () => {
  test.each([
    ['{"kind":"up"\n  "force":true}', 2, 3],
    ['{"kind":"up",}', 1, 14],
    ['{"kind":', 1, 9],
    ["{'kind':'up'}", 1, 2],
    ["nonsense", 1, 2],
  ])("that isn't JSON (%j) is answered with line and column", async (body, line, column) => {
    const answer = await post(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json<Answer>()).toMatchObject({
      code: "invalid_request",
      detail: expect.stringContaining(`line ${line}, column ${column}`),
      facts: { line, column },
    });
  });

  test("with wrong types is answered with a pointer, the value and the remedy for each", async () => {
    const answer = (await post({ kind: "upp", layers: "ground", force: "yes", targets: [1] })).json<Answer>();
    expect(answer.code).toBe("invalid_request");
    expect(answer.errors?.map(({ pointer }) => pointer).sort()).toEqual(["/force", "/kind", "/layers", "/targets/0"]);
    expect(answer.errors?.find(({ pointer }) => pointer === "/kind")?.detail).toBe(
      "'kind' is 'upp'; it may be preview, up, refresh, destroy. Did you mean 'up'?",
    );
  });

  test("with an unknown field is answered with the closest known one", async () => {
    const answer = await post({ kind: "up", scenari: "full" });
    expect(answer.statusCode).toBe(422);
    expect(answer.json<Answer>()).toMatchObject({
      code: "unknown_field",
      detail: expect.stringContaining("Did you mean 'scenario'?"),
      errors: [{ pointer: "/scenari" }],
    });
  });

  test("that is missing, or lacks what is needed, is refused", async () => {
    expect((await post()).json<Answer>()).toMatchObject({ code: "invalid_request", detail: expect.stringContaining("has no body") });
    expect((await post("")).json<Answer>()).toMatchObject({ code: "invalid_request", detail: expect.stringContaining("has no body") });
    expect((await post({})).json<Answer>().detail).toContain("lacks 'kind'");
    expect((await post("[]")).json<Answer>()).toMatchObject({ code: "invalid_request" });
  });

  test("that tries to change prototypes is refused", async () => {
    expect((await post('{"kind":"up","__proto__":{"force":true}}')).json<Answer>().detail).toContain("__proto__");
  });

  test("that is too large is refused naming the limit", async () => {
    const answer = await post({ kind: "up", reason: "x".repeat(2000) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json<Answer>()).toMatchObject({ code: "body_too_large", detail: expect.stringContaining("1000 bytes") });
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "of type %s is refused naming the right one",
    async (type) => {
      const answer = await post('{"kind":"up"}', { "content-type": type });
      expect(answer.statusCode).toBe(415);
      expect(answer.json<Answer>()).toMatchObject({ code: "unsupported_media_type", detail: expect.stringContaining("application/json") });
    },
  );
});

describe("an address", () => {
  test("that doesn't exist is answered with 404, under /v1 only to those who may know", async () => {
    expect((await service.send("GET", "/nothing")).json<Answer>()).toMatchObject({ status: 404, code: "not_found" });
    expect((await service.send("GET", "/v1/nothing")).json<Answer>()).toMatchObject({ status: 404, code: "not_found" });
  });

  test("asked with another method is answered with those it takes", async () => {
    const answer = await service.send("DELETE", "/v1/systems");
    expect([answer.statusCode, answer.headers.allow, answer.json<Answer>().code]).toEqual([405, "GET, HEAD", "method_not_allowed"]);
    expect((await service.send("POST", "/healthz")).statusCode).toBe(405);
  });

  test("that can't be decoded is answered with 400", async () => {
    expect((await service.send("GET", "/v1/systems/%zz")).json<Answer>()).toMatchObject({ status: 400, code: "invalid_request" });
  });

  test.each([
    ["/v1/environments/Box/dev/operations", "Box"],
    ["/v1/environments/box/d%20v/operations", "d v"],
    ["/v1/environments/box/..%2F..%2Fetc/operations", "../../etc"],
  ])("with an illegal name (%s) is answered with the rule", async (address, name) => {
    const answer = await service.send("POST", address, { kind: "up" });
    expect(answer.json<Answer>()).toMatchObject({ status: 422, code: "invalid_name", detail: expect.stringContaining(`'${name}'`) });
  });

  test("with unknown names is answered with the known ones", async () => {
    const details = await Promise.all(
      [
        service.send("POST", "/v1/environments/bax/dev/operations", { kind: "up" }),
        service.send("POST", "/v1/environments/box/nowhere/operations", { kind: "up" }),
        post({ kind: "up", scenario: "huge" }),
        post({ kind: "up", layers: ["roof"] }),
      ].map(async (answer) => {
        const { code, detail } = (await answer).json<Answer>();
        return [code, detail];
      }),
    );
    expect(details).toEqual([
      ["unknown_system", expect.stringContaining("'bax'")],
      ["unknown_environment", expect.stringContaining("it has dev, lab")],
      ["unknown_scenario", expect.stringContaining("small, full")],
      ["unknown_layer", expect.stringContaining("'roof'")],
    ]);
  });
});

describe("a request", () => {
  test.each([
    ["without a token", ""],
    ["with another scheme", `Basic ${token}`],
    ["with a wrong token", "Bearer wrong"],
    ["with a part of the token", `Bearer ${token.slice(0, -1)}`],
    ["with two tokens", `Bearer ${token} ${token}`],
  ])("%s is refused and told where the token is", async (_how, authorization) => {
    for (const address of ["/v1/systems", "/v1/nothing"]) {
      const answer = await service.send("GET", address, undefined, { authorization });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers["www-authenticate"]).toBe('Bearer realm="strata"');
      expect(answer.json<Answer>().detail).toContain("data folder");
      expect(answer.body).not.toContain(token);
    }
  });

  test.each(["/healthz", "/readyz", "/openapi.json", "/docs", "/problems", "/problems/stale-etag"])("for %s needs no token", async (address) => {
    expect((await service.send("GET", address, undefined, { authorization: "" })).statusCode).toBe(200);
  });

  test.each<Record<string, string>>([
    { host: "evil.example" },
    { host: "127.0.0.1.evil.example:7700" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ])("with %j is refused, so that no web page can reach the controller under a name of its own", async (headers) => {
    for (const address of ["/healthz", "/v1/systems"])
      expect((await service.send("GET", address, undefined, headers)).json<Answer>().code).toBe("untrusted_origin");
  });

  test.each<Record<string, string>>([
    { host: "localhost:7700" },
    { host: "[::1]:7700" },
    { origin: "http://localhost:7700" },
    { origin: "http://127.0.0.1:5173" },
  ])("with %j is answered", async (headers) => {
    expect((await service.send("GET", "/v1/systems", undefined, headers)).statusCode).toBe(200);
  });

  test("that meets a fault of ours is told so without internals, which are logged under its id", async () => {
    const answer = await service.send("GET", "/v1/status");
    const problem = answer.json<Answer>();
    expect(problem).toMatchObject({ status: 500, code: "internal", instance: "/v1/status", request_id: answer.headers["x-request-id"] });
    expect(answer.body).not.toContain("the secret inside");
    expect(logged.join()).toContain("the secret inside");
    expect(logged.join()).toContain(problem.request_id);
  });

  test("is answered with security headers", async () => {
    const { headers } = await service.send("GET", "/v1/systems");
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "content-security-policy": expect.stringContaining("default-src 'self'") });
  });
});

test("too many requests are answered with 429 and when to come back", async () => {
  const strict = await buildTestApp(service.operations, { requestsPerMinute: 2 });
  try {
    const answers = [];
    for (let n = 0; n < 3; n++) answers.push(await send(strict, "GET", "/v1/systems"));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429]);
    expect(answers[2]!.headers["retry-after"]).toBeDefined();
    expect(answers[2]!.json<Answer>().code).toBe("rate_limited");
  } finally {
    await strict.close();
  }
});
