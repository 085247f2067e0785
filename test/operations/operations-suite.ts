import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyResult } from "#test/operations/fake-run.ts";
import { eventsToTheEnd, newEnvironment, openTestController, refusal, request, type TestController } from "#test/operations/test-controller.ts";
import type { TestPlaces } from "#test/operations/test-place.ts";

const asker = { requester: "api" };

/** What holds on every database. */
export function describeOperations(database: string, openPlaces: () => Promise<TestPlaces>): void {
  describe(`operations on ${database}`, () => {
    let places: TestPlaces;
    let controller: TestController;
    beforeAll(async () => {
      places = await openPlaces();
      controller = await openTestController(await places.fresh());
    }, 60_000);
    afterAll(async () => {
      await controller.operations.close(0);
      await places.remove();
    }, 60_000);

    test("an operation is queued, run and ended, and its events have no gap", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      const { operation, created } = await operations.submit(request("up", environment, { scenario: "full", reason: "first" }), asker);
      expect({ created, ...operation }).toMatchObject({
        created: true,
        state: "queued",
        scenario: "full",
        reason: "first",
        requester: "api",
        layerResults: [],
      });
      await runs.of(environment).begun(1);
      expect((await operations.get(operation.id)).state).toBe("running");
      runs.of(environment).runs[0]!.end();
      const events = await eventsToTheEnd(operations, operation.id);
      expect(events.map(({ type }) => type)).toEqual([
        "state",
        "state",
        "layer-started",
        "layer-started",
        "layer-finished",
        "layer-finished",
        "state",
        "finished",
      ]);
      expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      const ended = await operations.get(operation.id);
      expect(ended).toMatchObject({ state: "succeeded", lastSequence: 8, result: { engine: "fake" } });
      expect(ended.layerResults).toEqual(ended.result?.layers);
      const status = await operations.environments.get("box", environment);
      expect(status.layers).toMatchObject([
        { layer: "ground", kind: "up", state: "succeeded", operation: operation.id },
        { layer: "house", kind: "up", state: "succeeded", operation: operation.id },
      ]);
      expect(status.pending).toEqual([]);
    });

    test("operations of one environment run in order, those of two side by side", async () => {
      const { operations, runs } = controller;
      const [one, two] = [await newEnvironment(operations), await newEnvironment(operations)];
      const ids = [];
      for (const kind of ["up", "refresh", "destroy"] as const) ids.push((await operations.submit(request(kind, one), asker)).operation.id);
      await operations.submit(request("up", two), asker);
      await Promise.all([runs.of(one).begun(1), runs.of(two).begun(1)]);
      expect((await operations.environments.get("box", one)).pending.map(({ id, state }) => [id, state])).toEqual([
        [ids[0], "running"],
        [ids[1], "queued"],
        [ids[2], "queued"],
      ]);
      for (const [index, kind] of (["up", "refresh", "destroy"] as const).entries()) {
        await runs.of(one).begun(index + 1);
        expect(runs.of(one).runs.map(({ request }) => request.kind)).toHaveLength(index + 1);
        expect(runs.of(one).runs[index]?.request.kind).toBe(kind);
        runs.of(one).runs[index]!.end();
        await eventsToTheEnd(operations, ids[index]!);
      }
      runs.of(two).runs[0]!.end();
    });

    test("a failed operation doesn't hold back those after it", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      const first = await operations.submit(request("up", environment), asker);
      await operations.submit(request("refresh", environment), asker);
      await runs.of(environment).begun(1);
      runs.of(environment).runs[0]!.end({ state: "failed" });
      await runs.of(environment).begun(2);
      expect((await operations.get(first.operation.id)).state).toBe("failed");
      runs.of(environment).runs[1]!.end();
    });

    test("a request that won't wait is refused while another operation runs, naming it", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      const { operation } = await operations.submit(request("up", environment), asker);
      const { code, detail } = await refusal(operations.submit(request("refresh", environment), { ...asker, onConflict: "reject" }));
      expect(code).toBe("operation_running");
      expect(detail).toContain(operation.id);
      await runs.of(environment).begun(1);
      runs.of(environment).runs[0]!.end();
      await eventsToTheEnd(operations, operation.id);
      const { operation: second } = await operations.submit(request("refresh", environment), { ...asker, onConflict: "reject" });
      await operations.cancel(second.id, "api");
    });

    test("the same idempotency key gives the same operation, also to requests at the same moment", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      const options = { ...asker, idempotencyKey: `key-${environment}` };
      const answers = await Promise.all(Array.from({ length: 4 }, () => operations.submit(request("up", environment), options)));
      expect(new Set(answers.map(({ operation }) => operation.id)).size).toBe(1);
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      const { code, detail } = await refusal(operations.submit(request("destroy", environment), options));
      expect(code).toBe("idempotency_conflict");
      expect(detail).toContain(options.idempotencyKey);
      await runs.of(environment).begun(1);
      runs.of(environment).runs[0]!.end();
    });

    test("a waiting operation is cancelled at once, and the one after it still runs", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      await operations.submit(request("up", environment), asker);
      const waiting = await operations.submit(request("refresh", environment), asker);
      await operations.submit(request("destroy", environment), asker);
      await runs.of(environment).begun(1);
      const cancelled = await operations.cancel(waiting.operation.id, "api");
      expect(cancelled).toMatchObject({ state: "cancelled", result: { state: "cancelled", problem: { code: "operation_cancelled" } } });
      expect((await eventsToTheEnd(operations, waiting.operation.id)).map(({ type }) => type)).toEqual(["state", "state", "finished"]);
      runs.of(environment).runs[0]!.end();
      await runs.of(environment).begun(2);
      expect(runs.of(environment).runs[1]!.request.kind).toBe("destroy");
      runs.of(environment).runs[1]!.end();
    });

    test("a running operation is asked to end, once, and its own result stands", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      const { operation } = await operations.submit(request("up", environment), asker);
      runs.of(environment).polite = false;
      await runs.of(environment).begun(1);
      const run = runs.of(environment).runs[0]!;
      const asked = await operations.cancel(operation.id, "api");
      expect(asked).toMatchObject({ state: "running", cancelRequestedAt: expect.any(String) });
      expect(run.options.signal.aborted).toBe(true);
      expect((await operations.cancel(operation.id, "api")).cancelRequestedAt).toBe(asked.cancelRequestedAt);
      run.end({ state: "cancelled" });
      await eventsToTheEnd(operations, operation.id);
      expect((await operations.get(operation.id)).state).toBe("cancelled");
      expect((await refusal(operations.cancel(operation.id, "api"))).code).toBe("operation_finished");
    });

    test("a request for something unknown stores nothing", async () => {
      const { operations } = controller;
      const environment = await newEnvironment(operations);
      const refusals = [
        refusal(operations.submit(request("up", "nowhere"), asker)),
        refusal(operations.submit(request("up", environment, { scenario: "huge" }), asker)),
        refusal(operations.submit(request("up", environment, { layers: ["roof"] }), asker)),
      ];
      expect((await Promise.all(refusals)).map(({ code }) => code)).toEqual(["unknown_environment", "unknown_scenario", "unknown_layer"]);
      expect((await refusals[0])?.detail).toContain("it has dev");
      expect((await operations.list({ environment })).items).toEqual([]);
      expect((await operations.list({ environment: "nowhere" })).items).toEqual([]);
    });

    test("an up makes its scenario the environment's own, a preview doesn't", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      runs.of(environment).instant = true;
      const preview = await operations.submit(request("preview", environment, { scenario: "full" }), asker);
      expect((await operations.environments.get("box", environment)).scenario).toBe("small");
      await operations.submit(request("up", environment, { scenario: "full" }), asker);
      const destroy = await operations.submit(request("destroy", environment), asker);
      expect(destroy.operation.scenario).toBe("full");
      await eventsToTheEnd(operations, destroy.operation.id);
      expect(runs.of(environment).runs[2]!.spec.layers.map(({ layer }) => layer)).toEqual(["ground", "house"]);
      expect((await operations.environments.get("box", environment)).layers.map(({ kind }) => kind)).toEqual(["destroy", "destroy"]);
      expect((await operations.get(preview.operation.id)).state).toBe("succeeded");
    });

    test("a shipped environment gets its record with its first operation", async () => {
      const { operations, runs } = controller;
      runs.of("lab").instant = true;
      expect(await operations.environments.get("box", "lab")).toMatchObject({ version: 0, scenario: "small" });
      const { operation } = await operations.submit(request("up", "lab"), asker);
      await eventsToTheEnd(operations, operation.id);
      expect(await operations.environments.get("box", "lab")).toMatchObject({ version: 1, scenario: "small" });
    });

    test("later changes of the record don't change what is queued", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations, { scenario: "full" });
      await operations.submit(request("preview", environment), asker);
      const { operation } = await operations.submit(request("up", environment), asker);
      await operations.environments.put("box", environment, { scenario: "small" }, asker);
      await runs.of(environment).begun(1);
      runs.of(environment).runs[0]!.end();
      await runs.of(environment).begun(2);
      expect(runs.of(environment).runs[1]!.spec.scenario).toBe("full");
      runs.of(environment).runs[1]!.end();
      await eventsToTheEnd(operations, operation.id);
    });

    test("a follower who comes back gets what is missing, and live events after it", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      const { operation } = await operations.submit(request("up", environment), asker);
      await runs.of(environment).begun(1);
      const seen: number[] = [];
      for await (const event of operations.follow(operation.id)) {
        seen.push(event.sequence);
        if (event.sequence === 3) break;
      }
      const rest = eventsToTheEnd(operations, operation.id, 3);
      runs.of(environment).runs[0]!.end();
      expect([...seen, ...(await rest).map(({ sequence }) => sequence)]).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await eventsToTheEnd(operations, operation.id, 6)).toEqual([]);
      expect((await operations.events(operation.id, { after: 2, limit: 2 })).map(({ sequence }) => sequence)).toEqual([3, 4]);
    });

    test("a follower can go at any time", async () => {
      const { operations } = controller;
      const environment = await newEnvironment(operations);
      const { operation } = await operations.submit(request("up", environment), asker);
      const gone = new AbortController();
      const seen: string[] = [];
      for await (const event of operations.follow(operation.id, { signal: gone.signal })) {
        seen.push(event.type);
        if (event.type === "layer-started") gone.abort();
      }
      expect(seen.at(-1)).toBe("layer-started");
      await operations.cancel(operation.id, "api");
    });

    test("thousands of events with any characters come back in order as they were", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      const { operation } = await operations.submit(request("up", environment), asker);
      await runs.of(environment).begun(1);
      const run = runs.of(environment).runs[0]!;
      const odd = "nul \u0000, lone \ud800, quote ', emoji 🚀, $1";
      for (let n = 0; n < 3000; n++) run.options.onEvent({ type: "diagnostic", severity: "info", message: `${n} ${odd}` });
      run.end();
      const events = await eventsToTheEnd(operations, operation.id);
      const messages = events.flatMap((event) => (event.type === "diagnostic" ? event.message : []));
      expect(messages).toEqual(Array.from({ length: 3000 }, (_, n) => `${n} ${odd}`));
      expect(events.every((event, index) => event.sequence === index + 1)).toBe(true);
    });

    test("states and ends are told by the controller alone", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      const { operation } = await operations.submit(request("up", environment), asker);
      await runs.of(environment).begun(1);
      const run = runs.of(environment).runs[0]!;
      run.options.onEvent({ type: "state", state: "succeeded" });
      run.options.onEvent({ type: "finished", result: emptyResult });
      run.end({ state: "failed" });
      const events = await eventsToTheEnd(operations, operation.id);
      expect(events.filter(({ type }) => type === "finished")).toHaveLength(1);
      expect(events.flatMap((event) => (event.type === "state" ? event.state : []))).toEqual(["queued", "running", "failed"]);
    });

    test("operations are listed newest first, filtered, in parts", async () => {
      const { operations, runs } = controller;
      const environment = await newEnvironment(operations);
      runs.of(environment).instant = true;
      const ids: string[] = [];
      for (const kind of ["preview", "up", "up", "refresh", "destroy"] as const) {
        const { operation } = await operations.submit(request(kind, environment), asker);
        ids.unshift(operation.id);
      }
      await eventsToTheEnd(operations, ids[0]!);
      const first = await operations.list({ environment, limit: 2 });
      const second = await operations.list({ environment, limit: 2, cursor: first.next! });
      const third = await operations.list({ environment, limit: 2, cursor: second.next! });
      expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids);
      expect(third.next).toBeUndefined();
      expect((await operations.list({ environment, kinds: ["up", "destroy"] })).items.map(({ kind }) => kind)).toEqual(["destroy", "up", "up"]);
      expect((await operations.list({ environment, states: ["failed"] })).items).toEqual([]);
    });

    test("an environment's record is changed only in the version that was read", async () => {
      const { operations } = controller;
      const environment = await newEnvironment(operations);
      expect((await operations.environments.put("box", environment, { scenario: "full" }, { ...asker, version: 1 })).view).toMatchObject({
        version: 2,
        scenario: "full",
      });
      const { code, detail } = await refusal(operations.environments.put("box", environment, {}, { ...asker, version: 1 }));
      expect(code).toBe("stale_etag");
      expect(detail).toContain("version 2");
      expect((await operations.environments.get("box", environment)).scenario).toBe("full");
    });

    test("it is kept who asked for what", async () => {
      const { operations } = controller;
      const environment = await newEnvironment(operations);
      const { operation } = await operations.submit(request("up", environment), { requester: "somebody" });
      await operations.cancel(operation.id, "somebody else");
      const entries = (await operations.audit(500)).filter(({ subject }) => subject === operation.id || subject === `box/${environment}`);
      expect(entries.map(({ requester, action }) => [requester, action])).toEqual([
        ["somebody else", "operation.cancel"],
        ["somebody", "operation.submit"],
        ["test", "environment.put"],
      ]);
    });
  });
}
