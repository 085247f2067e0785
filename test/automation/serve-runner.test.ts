import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FromRunner, ToRunner } from "#automation/runner/protocol.ts";
import type { StackName } from "#core/ids.ts";

test("a runner answers what it is asked, and ends by itself as soon as its parent is gone", async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), "strata-runner-"));
  const child = fork(join(import.meta.dirname, "_fixtures/runner-with-refusing-engine.ts"));
  try {
    expect((await once(child, "message"))[0]).toEqual({ type: "ready" });
    child.send({ type: "ask", question: { stack: "s.e.l" as StackName, dataFolder, about: "outputs" } } satisfies ToRunner);
    const [answer] = (await once(child, "message")) as [FromRunner];
    expect(answer).toMatchObject({ type: "problem", problem: { code: "internal", detail: "refused" } });
    const exited = once(child, "exit");
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
    await rm(dataFolder, { recursive: true, force: true });
  }
});
