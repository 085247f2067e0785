import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeOperations } from "#test/operations/operations-suite.ts";
import { eventsToTheEnd, openTestController, refusal, request } from "#test/operations/test-controller.ts";
import type { TestPlaces } from "#test/operations/test-place.ts";
import { findPostgres, serverPlaces } from "#test/operations/test-postgres.ts";

const binaries = await findPostgres();

if (binaries === undefined) {
  describe.skip("operations on a PostgreSQL server", () => {
    test("not proven: no 'postgres' and 'initdb' in PATH", () => undefined);
  });
} else {
  describeOperations("a PostgreSQL server", () => serverPlaces(binaries));

  describe("controllers that share a PostgreSQL server", () => {
    let places: TestPlaces;
    beforeAll(async () => {
      places = await serverPlaces(binaries);
    }, 60_000);
    afterAll(() => places.remove(), 60_000);

    test("see each other's events, and one cancels what the other runs", { timeout: 30_000 }, async () => {
      const place = await places.fresh();
      const [one, two] = [await openTestController(place), await openTestController(place)];
      try {
        const { operation } = await one.operations.submit(request("up", "dev"), { requester: "api" });
        await Promise.race([one.runs.of("dev").begun(1), two.runs.of("dev").begun(1)]);
        const [runner, other] = one.runs.of("dev").runs.length ? [one, two] : [two, one];
        const events = eventsToTheEnd(other.operations, operation.id);
        await other.operations.cancel(operation.id, "api");
        expect((await events).at(-1)).toMatchObject({ type: "finished", result: { state: "cancelled" } });
        expect(other.runs.of("dev").runs).toHaveLength(0);
        expect(runner.runs.of("dev").runs).toHaveLength(1);
      } finally {
        await Promise.all([one.operations.close(0), two.operations.close(0)]);
      }
    });
  });

  test("a server that doesn't answer is told apart from a fault", async () => {
    const { code, detail } = await refusal(openTestController({ databaseUrl: "postgres://strata@127.0.0.1:1/none" }));
    expect(code).toBe("database_unavailable");
    expect(detail).toContain("DATABASE_URL");
  });
}
