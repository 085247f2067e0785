import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventsToTheEnd, openTestController } from "#test/operations/test-controller.ts";
import type { TestPlaces } from "#test/operations/test-place.ts";
import { findPostgres, serverPlaces } from "#test/operations/test-postgres.ts";

const binaries = await findPostgres();

if (binaries === undefined) {
  describe.skip("controllers that share a PostgreSQL server", () => {
    test("not proven: no 'postgres' and 'initdb' in PATH", () => undefined);
  });
} else {
  describe("controllers that share a PostgreSQL server", () => {
    let places: TestPlaces;
    beforeAll(async () => {
      places = await serverPlaces(binaries);
    });
    afterAll(() => places.remove());

    test("take over from one that was killed: what it ran is marked interrupted, what waited behind it goes on", async () => {
      const place = await places.fresh();
      const program = join(import.meta.dirname, "../operations/crash-program.ts");
      const child = spawn(process.execPath, [program, JSON.stringify(place)], { stdio: ["ignore", "pipe", "inherit"] });
      const exited = once(child, "exit");
      const [line] = (await once(createInterface(child.stdout), "line")) as [string];
      const { running, waiting } = JSON.parse(line) as { running: string; waiting: string };
      const { operations, runs } = await openTestController(place);
      try {
        child.kill("SIGKILL");
        await exited;
        expect((await operations.get(running)).state).toBe("running");
        expect((await eventsToTheEnd(operations, running)).at(-1)).toMatchObject({ result: { state: "failed", problem: { code: "operation_interrupted" } } });
        await runs.of("dev").begun(1);
        expect(runs.of("dev").runs[0]!.request.kind).toBe("refresh");
        runs.of("dev").runs[0]!.end();
        await eventsToTheEnd(operations, waiting);
        expect((await operations.get(waiting)).state).toBe("succeeded");
      } finally {
        await operations.close(0);
      }
    });
  });
}
