import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EventStreamOptions, streamEvents } from "#cli/http/event-stream.ts";
import { JsonClient } from "#cli/http/json-client.ts";
import { StrataError } from "#core/errors.ts";
import type { RecordedEvent } from "#core/operation.ts";
import { finished, layerFinished, layerStarted, recorded } from "./events.ts";
import { FakeController, operationRecord, sse } from "./fake-controller.ts";
import { FakeTime } from "./fake-ports.ts";

const record = operationRecord();
const events = recorded({ type: "state", state: "running" }, layerStarted("l"), layerFinished("l"), finished());
const eventsRoute = `GET /v1/operations/${record.id}/events`;

let controller: FakeController;
beforeEach(async () => {
  controller = new FakeController();
  await controller.listen();
});
afterEach(() => controller.close());

function clientOf(port = controller.port): JsonClient {
  return new JsonClient({ baseUrl: `http://127.0.0.1:${port}`, token: "secret-token" }, new AbortController().signal);
}

async function read(options: Partial<EventStreamOptions> = {}): Promise<{ seen: RecordedEvent[]; interruptions: string[] }> {
  const seen: RecordedEvent[] = [];
  const interruptions: string[] = [];
  const stream = streamEvents(clientOf(), record.id, {
    signal: new AbortController().signal,
    time: new FakeTime(),
    reconnect: async () => undefined,
    onInterruption: (state) => interruptions.push(state),
    ...options,
  });
  for await (const event of stream) seen.push(event);
  return { seen, interruptions };
}

/** Sends what each connection in turn is to get, then ends it. */
function connections(...texts: readonly (string | StrataError)[]): void {
  let next = 0;
  controller.on(eventsRoute, () => {
    const text = texts[Math.min(next++, texts.length - 1)] ?? "";
    if (text instanceof StrataError)
      return { status: text.status, body: { code: text.code, title: text.title, status: text.status, detail: text.detail, type: "" } };
    return (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(text);
    };
  });
}

describe("the event stream", () => {
  test("gives all events in order and ends with the last", async () => {
    controller.runs(record, events);
    expect(await read()).toEqual({ seen: events, interruptions: [] });
  });

  test("begins after a given sequence", async () => {
    controller.runs(record, events);
    const { seen } = await read({ after: 2 });
    expect(seen.map(({ sequence }) => sequence)).toEqual([3, 4]);
    expect(controller.seen("GET", `/v1/operations/${record.id}/events`)[0]?.headers["last-event-id"]).toBe("2");
  });

  test("resumes after a dropped connection where it stopped, each event once", async () => {
    controller.on(`GET /v1/operations/${record.id}`, () => ({ body: record }));
    const texts = events.map(sse);
    connections(`${texts[0]}${texts[1]}`, `${texts[1]}${texts[2]}${texts[3]}`);
    const { seen, interruptions } = await read();
    expect(seen).toEqual(events);
    expect(interruptions).toEqual(["lost", "back"]);
    expect(controller.seen("GET", `/v1/operations/${record.id}/events`).map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "2"]);
  });

  test("goes on with the controller that came back at another port", async () => {
    const second = new FakeController("instance-2");
    second.runs(record, events);
    await second.listen();
    controller.on(`GET /v1/operations/${record.id}`, () => ({ body: record }));
    connections(sse(events[0]!));
    try {
      const { seen } = await read({ reconnect: async () => clientOf(second.port) });
      expect(seen).toEqual(events);
    } finally {
      await second.close();
    }
  });

  test("waits for a controller that is stopping", async () => {
    controller.on(`GET /v1/operations/${record.id}`, () => ({ body: record }));
    connections(new StrataError("shutting_down", "later"), events.map(sse).join(""));
    expect((await read()).seen).toEqual(events);
  });

  test("gives up on a controller that stays away, saying how to look again", async () => {
    controller.on(eventsRoute, () => (response) => response.destroy());
    await expect(read({ patienceSeconds: 10 })).rejects.toMatchObject({
      code: "controller_unreachable",
      detail: expect.stringContaining(`'strata logs ${record.id} --follow'`),
    });
  });

  test("gives up on a controller that answers but never tells anything", async () => {
    controller.on(`GET /v1/operations/${record.id}`, () => ({ body: record }));
    connections("");
    await expect(read({ patienceSeconds: 10 })).rejects.toMatchObject({ code: "controller_unreachable" });
  });

  test("takes a silent connection for dead", async () => {
    controller.on(`GET /v1/operations/${record.id}`, () => ({ body: record }));
    let connected = 0;
    controller.on(eventsRoute, () => (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse(events[0]!));
      if (++connected > 1) response.end(events.map(sse).join(""));
    });
    expect((await read({ silenceSeconds: 0.05 })).seen).toEqual(events);
    expect(connected).toBe(2);
  });

  test("passes on a refusal at once", async () => {
    controller.refuse(eventsRoute, new StrataError("unknown_operation", "no such operation"));
    await expect(read()).rejects.toMatchObject({ code: "unknown_operation" });
    expect(controller.requests).toHaveLength(1);
  });

  test("ends when the operation is over and has no further event", async () => {
    controller.on(eventsRoute, () => ({ status: 204 }));
    controller.on(`GET /v1/operations/${record.id}`, () => ({ body: { ...record, result: {}, lastSequence: 4 } }));
    expect(await read({ after: 4 })).toEqual({ seen: [], interruptions: [] });
  });

  test("refuses what isn't an event", async () => {
    connections("data: hello\n\n");
    await expect(read()).rejects.toMatchObject({ code: "internal", detail: expect.stringContaining("hello") });
  });

  test("ends at once when it is no longer wanted", async () => {
    const abort = new AbortController();
    controller.on(eventsRoute, () => (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": connected\n\n");
      abort.abort();
    });
    await expect(read({ signal: abort.signal })).rejects.toMatchObject({ name: "AbortError" });
  });
});
