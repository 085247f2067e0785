/** A program for the recovery test: opens the records in the place given as JSON, begins one operation, lets another wait, says so, and stays until it is killed. */
import type { DatabasePlace } from "#operations/database/database.ts";
import { openTestController, request } from "#test/operations/test-controller.ts";

const { operations, runs } = await openTestController(JSON.parse(process.argv[2]!) as DatabasePlace);
const running = await operations.submit(request("up", "dev", { scenario: "full" }), { requester: "api" });
const waiting = await operations.submit(request("refresh", "dev"), { requester: "api" });
await runs.of("dev").begun(1);
const run = runs.of("dev").runs[0]!;
const [ground] = run.spec.layers;
run.options.onEvent({
  type: "layer-finished",
  layer: ground!.layer,
  result: { layer: ground!.layer, stack: ground!.stack, state: "succeeded", changes: { create: 3 }, seconds: 1, outputs: {}, standIns: [] },
});
for await (const event of operations.follow(running.operation.id)) if (event.type === "layer-finished") break;
process.stdout.write(`${JSON.stringify({ running: running.operation.id, waiting: waiting.operation.id })}\n`);
