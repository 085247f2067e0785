import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { RunnerPool } from "#automation/runner/runner-pool.ts";
import type { StackAction } from "#automation/stack-action.ts";
import type { LayerId, StackName } from "#core/ids.ts";
import { silentLogger } from "#core/logger.ts";
import type { OutputView } from "#core/operation.ts";

const pools: RunnerPool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

function pool(options: { cancelDeadline?: number } = {}): RunnerPool {
  const made = new RunnerPool({ entry: join(import.meta.dirname, "_fixtures/obedient-runner.ts"), environment: process.env, logger: silentLogger, ...options });
  pools.push(made);
  return made;
}

const action = (message: string) => ({ kind: "up", stack: "s.e.l" as StackName, layer: "l" as LayerId, message }) as StackAction;
const quiet = () => undefined;
const pidOf = (outputs: Readonly<Record<string, OutputView>> = {}) => (outputs.pid as { value: number }).value;

test("a runner that ended its action cleanly serves again", async () => {
  const runners = pool();
  const first = await runners.run(action("do it"), quiet, new AbortController().signal);
  const second = await runners.run(action("do it"), quiet, new AbortController().signal);
  const third = await runners.run(action("do it"), quiet, new AbortController().signal);
  expect([pidOf(second.outputs), pidOf(third.outputs)]).toContain(pidOf(first.outputs));
});

test("actions at the same time run in processes of their own", async () => {
  const runners = pool();
  const results = await Promise.all([1, 2, 3].map(() => runners.run(action("do it"), quiet, new AbortController().signal)));
  expect(new Set(results.map((result) => pidOf(result.outputs))).size).toBe(3);
});

test("a runner that dies fails its action with its exit code and last words, and the next action gets a new one", async () => {
  const runners = pool();
  await expect(runners.run(action("die"), quiet, new AbortController().signal)).rejects.toMatchObject({
    code: "runner_died",
    message: expect.stringMatching(/code 3[\s\S]*out of luck/),
  });
  expect((await runners.run(action("do it"), quiet, new AbortController().signal)).state).toBe("succeeded");
});

test("a cancelled action is asked to end and answers what it did", async () => {
  const controller = new AbortController();
  const result = await pool().run(action("until cancelled"), () => controller.abort(), controller.signal);
  expect(result.state).toBe("cancelled");
});

test("an action that doesn't end when asked is killed after the deadline", async () => {
  const controller = new AbortController();
  await expect(pool({ cancelDeadline: 50 }).run(action("never end"), () => controller.abort(), controller.signal)).rejects.toMatchObject({
    code: "runner_died",
    message: expect.stringContaining("SIGKILL"),
  });
});

test("questions are answered, and a closed pool refuses new work", async () => {
  const runners = pool();
  const answer = await runners.ask({ stack: "s.e.l" as StackName, dataFolder: "/data", about: "outputs" });
  expect(pidOf(answer.outputs)).toBeGreaterThan(0);
  await runners.close();
  await expect(runners.ask({ stack: "s.e.l" as StackName, dataFolder: "/data", about: "outputs" })).rejects.toMatchObject({ code: "shutting_down" });
});
