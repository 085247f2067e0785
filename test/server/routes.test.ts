import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OperationRecord, ScheduleRecord } from "#core/operation-record.ts";
import { eventsToTheEnd, newEnvironment } from "#test/operations/test-controller.ts";
import { openTestService, type TestService } from "#test/server/test-service.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService();
}, 60_000);
afterAll(() => service.close(), 60_000);

const get = (url: string) => service.send("GET", url);
const put = (url: string, body: object, headers?: Record<string, string>) => service.send("PUT", url, body, headers);
const post = (url: string, body?: object, headers?: Record<string, string>) => service.send("POST", url, body, headers);
/** Status and problem code of an answer. */
const outcome = async (answer: ReturnType<typeof get>) => {
  const { statusCode, headers, json } = await answer;
  if (statusCode >= 400) expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
  return [statusCode, json<{ code?: string }>().code];
};

describe("the catalogue", () => {
  test("GET /v1/systems lists systems with their scenarios and environments", async () => {
    const answer = await get("/v1/systems");
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ items: [{ name: "box", scenarios: ["small", "full"], environments: ["dev", "lab"] }] });
  });

  test("GET /v1/systems/:system tells layers, components with their memory, and each scenario's sum", async () => {
    expect((await get("/v1/systems/box")).json()).toMatchObject({
      layers: [{ layer: "ground" }, { layer: "house", needs: ["ground"], schema: { type: "object" }, values: { size: 1 } }],
      components: [{ component: "floor", memoryBytes: 512 }, { component: "roof" }],
      scenarios: [
        { scenario: "small", memoryBytes: 512 },
        { scenario: "full", memoryBytes: 1024 },
      ],
    });
    expect(await outcome(get("/v1/systems/nope"))).toEqual([404, "unknown_system"]);
  });
});

describe("environments", () => {
  test("PUT creates a record, then changes it, with an ETag for each version", async () => {
    const created = await put("/v1/environments/box/fresh", { scenario: "full", config: { layers: { ground: { size: 2 } } } });
    expect(created.statusCode).toBe(201);
    expect(created.headers).toMatchObject({ etag: '"1"', location: "/v1/environments/box/fresh" });
    expect(created.json()).toMatchObject({ scenario: "full", config: { layers: { ground: { size: 2 } } }, version: 1 });
    const changed = await put("/v1/environments/box/fresh", {}, { "if-match": '"1"' });
    expect([changed.statusCode, changed.headers.etag, changed.json<{ scenario: string }>().scenario]).toEqual([200, '"2"', "small"]);
    expect(await outcome(put("/v1/environments/box/fresh", {}, { "if-match": '"1"' }))).toEqual([412, "stale_etag"]);
    expect(await outcome(put("/v1/environments/box/fresh", {}, { "if-match": "W/nonsense" }))).toEqual([400, "invalid_request"]);
    expect(await outcome(put("/v1/environments/box/fresh", { scenario: "huge" }))).toEqual([422, "unknown_scenario"]);
    expect(await outcome(put("/v1/environments/box/Not%20Legal", {}))).toEqual([422, "invalid_name"]);
    expect(await outcome(put("/v1/environments/nope/dev", {}))).toEqual([404, "unknown_system"]);
  });

  test("GET lists stored and shipped ones, and tells one with layers and pending operations", async () => {
    const list = (await get("/v1/environments?system=box")).json<{ items: { environment: string; version: number }[] }>();
    expect(list.items).toEqual(expect.arrayContaining([expect.objectContaining({ environment: "lab", version: 0 })]));
    const one = await get("/v1/environments/box/lab");
    expect(one.headers.etag).toBe('"0"');
    expect(one.json()).toMatchObject({ layers: [], pending: [], cluster: { source: "sandbox" } });
    expect(await outcome(get("/v1/environments?system=nope"))).toEqual([404, "unknown_system"]);
    expect(await outcome(get("/v1/environments/box/nowhere"))).toEqual([404, "unknown_environment"]);
  });
});

describe("operations", () => {
  test("POST accepts one and says where it is; it is followed and listed until it is over", async () => {
    const environment = await newEnvironment(service.operations);
    const accepted = await post(`/v1/environments/box/${environment}/operations`, { kind: "up", scenario: "full", reason: "why not" });
    expect(accepted.statusCode).toBe(202);
    const { id } = accepted.json<OperationRecord>();
    expect(accepted.headers.location).toBe(`/v1/operations/${id}`);
    await service.runs.of(environment).begun(1);
    expect((await get(`/v1/environments/box/${environment}`)).json()).toMatchObject({ pending: [{ id, state: "running" }] });
    service.runs.of(environment).runs[0]!.end();
    await eventsToTheEnd(service.operations, id);
    expect((await get(`/v1/operations/${id}`)).json()).toMatchObject({ state: "succeeded", reason: "why not", result: { engine: "fake", layers: [{}, {}] } });
    expect((await get(`/v1/environments/box/${environment}`)).json()).toMatchObject({ pending: [], layers: [{ layer: "ground" }, { layer: "house" }] });
    expect((await get(`/v1/operations?environment=${environment}&state=succeeded,failed&kind=up&limit=1`)).json()).toMatchObject({ items: [{ id }] });
    const events = (await get(`/v1/operations/${id}/events?after=2&limit=2`)).json<{ items: { sequence: number }[]; next: number }>();
    expect([events.items.map(({ sequence }) => sequence), events.next]).toEqual([[3, 4], 4]);
  });

  test("POST brings a shipped environment into being", async () => {
    service.runs.of("dev").instant = true;
    const { id } = (await post("/v1/environments/box/dev/operations", { kind: "up" })).json<OperationRecord>();
    await eventsToTheEnd(service.operations, id);
    expect((await get("/v1/environments/box/dev")).json()).toMatchObject({ version: 1 });
  });

  test("POST with the same Idempotency-Key gives the same operation", async () => {
    const environment = await newEnvironment(service.operations);
    const url = `/v1/environments/box/${environment}/operations`;
    const key = { "idempotency-key": "only-once" };
    const [first, second] = [await post(url, { kind: "refresh" }, key), await post(url, { kind: "refresh" }, key)];
    expect(second.json<OperationRecord>().id).toBe(first.json<OperationRecord>().id);
    expect([first.headers["idempotency-replayed"], second.headers["idempotency-replayed"]]).toEqual([undefined, "true"]);
    expect(await outcome(post(url, { kind: "destroy" }, key))).toEqual([422, "idempotency_conflict"]);
    expect(await outcome(post(url, { kind: "destroy" }, { "idempotency-key": "no blanks" }))).toEqual([400, "invalid_request"]);
    expect(await outcome(post(url, { kind: "destroy", onConflict: "reject" }))).toEqual([409, "operation_running"]);
    expect((await post(`/v1/operations/${first.json<OperationRecord>().id}/cancel`)).statusCode).toBe(202);
  });

  test("POST …/cancel ends a waiting one; one that is over can't be cancelled", async () => {
    const environment = await newEnvironment(service.operations);
    const url = `/v1/environments/box/${environment}/operations`;
    const running = (await post(url, { kind: "up" })).json<OperationRecord>();
    const waiting = (await post(url, { kind: "destroy" })).json<OperationRecord>();
    const cancelled = await post(`/v1/operations/${waiting.id}/cancel`);
    expect([cancelled.statusCode, cancelled.json<OperationRecord>().state]).toEqual([202, "cancelled"]);
    expect(await outcome(post(`/v1/operations/${waiting.id}/cancel`))).toEqual([409, "operation_finished"]);
    expect(await outcome(post("/v1/operations/op-none/cancel"))).toEqual([404, "unknown_operation"]);
    await service.operations.cancel(running.id, "test");
  });

  test.each(["/v1/operations/op-none", "/v1/operations/op-none/events"])("GET %s is refused", async (url) => {
    expect(await outcome(get(url))).toEqual([404, "unknown_operation"]);
  });

  test.each([
    ["state=over", "/state/0"],
    ["limit=0", "/limit"],
    ["limit=many", "/limit"],
    ["cursor=x", "/cursor"],
  ])("GET /v1/operations?%s is refused naming the parameter", async (query, pointer) => {
    const answer = await get(`/v1/operations?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ errors: { pointer: string }[] }>().errors[0]?.pointer).toBe(pointer);
  });

  test("GET /v1/operations with an unknown parameter names the closest", async () => {
    const answer = await get("/v1/operations?stat=failed");
    expect(answer.json()).toMatchObject({ code: "unknown_field", detail: expect.stringContaining("Did you mean 'state'?") });
  });
});

describe("layers", () => {
  const base = "/v1/environments/box/lab/layers";

  test("GET …/outputs masks secrets", async () => {
    expect((await get(`${base}/ground/outputs`)).json()).toEqual({ address: { value: { host: "here" } }, password: { secret: true } });
  });

  test("GET …/resources and …/history tell what exists and what happened", async () => {
    expect((await get(`${base}/ground/resources`)).json()).toMatchObject({ items: [{ urn: "urn:pulumi:s::p::t::n", standIn: true }] });
    expect((await get(`${base}/ground/history?limit=2`)).json<{ items: object[] }>().items).toHaveLength(2);
  });

  test.each(["outputs", "resources", "history"])("GET …/%s of what isn't there is refused", async (what) => {
    expect(await outcome(get(`${base}/house/${what}`))).toEqual([404, "stack_not_found"]);
    expect(await outcome(get(`${base}/grund/${what}`))).toEqual([422, "unknown_layer"]);
    expect(await outcome(get(`/v1/environments/box/nowhere/layers/ground/${what}`))).toEqual([404, "unknown_environment"]);
  });
});

describe("schedules", () => {
  const list = "/v1/environments/box/lab/schedules";

  test("are created, listed, shown, paused, resumed and removed", async () => {
    const made = await post(list, { cron: "30 3 * * mon-fri", timeZone: "Europe/Berlin", action: { kind: "refresh" } });
    expect(made.statusCode).toBe(201);
    const schedule = made.json<ScheduleRecord>();
    const url = `${list}/${schedule.id}`;
    expect(made.headers.location).toBe(url);
    expect(schedule.nextRuns).toHaveLength(5);
    expect((await get(list)).json()).toMatchObject({ items: [{ id: schedule.id, action: { kind: "refresh" } }] });
    expect((await service.send("PATCH", url, { paused: true })).json()).toMatchObject({ paused: true, nextRuns: [] });
    expect((await service.send("PATCH", url, { paused: false })).json<ScheduleRecord>().nextRuns).toHaveLength(5);
    expect((await get(url)).json()).toMatchObject({ cron: "30 3 * * mon-fri", timeZone: "Europe/Berlin", paused: false });
    expect((await service.send("DELETE", url)).statusCode).toBe(204);
    expect(await outcome(get(url))).toEqual([404, "unknown_schedule"]);
    expect(await outcome(service.send("PATCH", url, { paused: true }))).toEqual([404, "unknown_schedule"]);
    expect(await outcome(service.send("DELETE", url))).toEqual([404, "unknown_schedule"]);
    expect(await outcome(service.send("PATCH", url, { pause: true }))).toEqual([400, "invalid_request"]);
  });

  test("with a bad cron, time zone or action are refused naming the field", async () => {
    const action = { kind: "refresh" };
    const bad = [
      { cron: "99 3 * * *", action },
      { cron: "* * * * *", timeZone: "Nowhere", action },
      { cron: "* * * * *", action: { kind: "refresh", scenario: "huge" } },
      { cron: "* * * * *", action: { kind: "refresh", system: "box" } },
      { cron: "* * * * *" },
    ];
    const answers = await Promise.all(bad.map((body) => post(list, body)));
    expect(answers.map((answer) => [answer.statusCode, answer.json<{ code: string }>().code])).toEqual([
      [422, "invalid_schedule"],
      [422, "invalid_schedule"],
      [422, "unknown_scenario"],
      [422, "unknown_field"],
      [400, "invalid_request"],
    ]);
    expect(answers[0]!.json()).toMatchObject({ detail: expect.stringContaining("'99' can't be the minute"), errors: [{ pointer: "/cron" }] });
    expect(answers[1]!.json()).toMatchObject({ errors: [{ pointer: "/timeZone" }] });
    expect(answers[3]!.json()).toMatchObject({ errors: [{ pointer: "/action/system" }] });
    expect(await outcome(post("/v1/environments/box/nowhere/schedules", { cron: "* * * * *", action }))).toEqual([404, "unknown_environment"]);
    expect(await outcome(get("/v1/environments/box/nowhere/schedules"))).toEqual([404, "unknown_environment"]);
  });
});

describe("the controller itself", () => {
  test("tells that it lives, that it is ready, and what it is", async () => {
    expect((await get("/healthz")).json()).toEqual({ status: "ok", instance: "instance-1", version: "1.2.3" });
    expect((await get("/readyz")).json()).toEqual({ status: "ready" });
    expect((await get("/v1/status")).json()).toMatchObject({ instance: "instance-1", engine: { name: "embedded", reason: "a test" } });
  });

  test("tells clusters and who asked for what", async () => {
    expect((await get("/v1/clusters")).json()).toMatchObject({ items: [{ name: "box", state: "running", processes: [{ name: "etcd" }] }] });
    expect((await get("/v1/audit?limit=1")).json()).toMatchObject({
      items: [{ requester: expect.any(String), action: expect.any(String), time: expect.any(String) }],
    });
    expect(await outcome(get("/v1/audit?limit=0"))).toEqual([400, "invalid_request"]);
  });
});
