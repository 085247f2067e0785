import { once } from "node:events";
import { connect } from "node:net";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasCode } from "#core/errors.ts";
import type { RecordedEvent } from "#core/operation.ts";
import { listen } from "#server/listen.ts";
import { newEnvironment, request } from "#test/operations/test-controller.ts";
import { buildTestApp, openTestService, type TestService, token } from "#test/server/test-service.ts";

let service: TestService;
let address: string;
let port: number;
beforeAll(async () => {
  service = await openTestService({ heartbeatMs: 20 });
  port = await listen(service.app, "127.0.0.1", 0);
  address = `http://127.0.0.1:${port}`;
}, 60_000);
afterAll(() => service.close(), 60_000);

/** Begins an operation that is held by the test. */
async function begin() {
  const environment = await newEnvironment(service.operations);
  const { operation } = await service.operations.submit(request("up", environment), { requester: "api" });
  await service.runs.of(environment).begun(1);
  return { id: operation.id, run: service.runs.of(environment).runs[0]! };
}

function open(id: string, headers: Record<string, string> = {}, signal?: AbortSignal) {
  return fetch(`${address}/v1/operations/${id}/events`, {
    headers: { authorization: `Bearer ${token}`, accept: "text/event-stream", ...headers },
    ...(signal ? { signal } : {}),
  });
}

/** The messages of a stream as they come; comments as messages of event `comment`. */
async function* messages(response: Response): AsyncGenerator<EventSourceMessage> {
  const waiting: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (message) => waiting.push(message),
    onComment: (comment) => waiting.push({ event: "comment", data: comment, id: undefined }),
  });
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    parser.feed(chunk);
    yield* waiting.splice(0);
  }
}

async function eventsOf(response: Response): Promise<RecordedEvent[]> {
  const events = [];
  for await (const { event, data } of messages(response)) if (event !== "comment") events.push(JSON.parse(data) as RecordedEvent);
  return events;
}

describe("the event stream of an operation", () => {
  test("carries every event with its sequence as id and ends after the last", async () => {
    const { id, run } = await begin();
    const response = await open(id);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    run.end();
    const seen = [];
    for await (const { id, event, data } of messages(response)) if (event !== "comment") seen.push([id, event, (JSON.parse(data) as RecordedEvent).sequence]);
    expect(seen).toEqual([
      ["1", "state", 1],
      ["2", "state", 2],
      ["3", "layer-started", 3],
      ["4", "layer-finished", 4],
      ["5", "state", 5],
      ["6", "finished", 6],
    ]);
  });

  test("goes on where a client that was cut off left it", async () => {
    const { id, run } = await begin();
    const cut = new AbortController();
    let last = "";
    for await (const message of messages(await open(id, {}, cut.signal))) {
      if (message.event === "comment") continue;
      last = message.id!;
      if (message.event === "layer-started") break;
    }
    cut.abort();
    run.options.onEvent({ type: "diagnostic", severity: "info", message: "while away" });
    const resumed = await open(id, { "last-event-id": last });
    run.end();
    expect((await eventsOf(resumed)).map(({ sequence }) => sequence)).toEqual([4, 5, 6, 7]);
  });

  test("of one that is over and seen to the end is 204, which tells clients not to come back", async () => {
    const { id, run } = await begin();
    const response = await open(id);
    run.end();
    const last = (await eventsOf(response)).at(-1)!;
    expect((await open(id, { "last-event-id": String(last.sequence) })).status).toBe(204);
  });

  test("says that it lives while nothing happens", async () => {
    const { id, run } = await begin();
    for await (const { event, data } of messages(await open(id))) if (event === "comment" && data.includes("alive")) break;
    run.end();
  });

  test("is delivered whole to a client that reads slowly", async () => {
    const { id, run } = await begin();
    const response = await open(id);
    const message = "x".repeat(2000);
    for (let n = 0; n < 2000; n++) run.options.onEvent({ type: "diagnostic", severity: "info", message });
    run.end();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const events = await eventsOf(response);
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 2006 }, (_, n) => n + 1));
  });

  test("is refused before it begins for what isn't there", async () => {
    expect((await open("op-none")).status).toBe(404);
    const { id, run } = await begin();
    expect((await open(id, { "last-event-id": "soon" })).status).toBe(400);
    run.end();
  });

  test("ends when the service closes, also while nothing happens", async () => {
    const app = await buildTestApp(service.operations);
    const own = await listen(app, "127.0.0.1", 0);
    const { id, run } = await begin();
    const response = await fetch(`http://127.0.0.1:${own}/v1/operations/${id}/events`, {
      headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
    });
    const events = eventsOf(response);
    await app.close();
    expect((await events).map(({ type }) => type)).not.toContain("finished");
    run.end();
  });
});

describe("listening", () => {
  test("on a port that is taken is refused naming it", async () => {
    const app = await buildTestApp(service.operations);
    const refusal = await listen(app, "127.0.0.1", port).catch((error: unknown) => error);
    expect(hasCode(refusal, "port_taken") && refusal.detail).toContain(`127.0.0.1:${port}`);
    await app.close();
  });

  test("isn't held up at the end by clients that keep their connection open", async () => {
    const app = await buildTestApp(service.operations);
    const socket = connect(await listen(app, "127.0.0.1", 0), "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(socket, "data");
    const closed = once(socket, "close");
    socket.resume();
    await app.close();
    await closed;
  });
});
