import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { lockFolder, removeLocks, StackLock } from "#engine/backend/stack-lock.ts";
import { StateFiles } from "#engine/backend/state-files.ts";

const reference = { project: "shop", stack: "dev" };
const holder = new URL("_fixtures/hold-stack-lock.ts", import.meta.url).pathname;
let folder: string;
let files: StateFiles;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
  files = new StateFiles(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const acquire = () => StackLock.acquire(files, reference, systemClock);
const locks = () => files.list(lockFolder(reference));

/** Another process that takes the lock; answers once it has it, or with what it was told. */
async function otherProcess() {
  const child = fork(holder, [folder], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [answer] = (await once(child, "message")) as [string];
  return { child, answer };
}
async function kill(child: ReturnType<typeof fork>) {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

describe("a stack's lock", () => {
  test("keeps another process out until it is released", async () => {
    const { child, answer } = await otherProcess();
    expect(answer).toBe("locked");
    await expect(acquire()).rejects.toThrow(
      new RegExp(
        `^the stack is currently locked by 1 lock\\(s\\)\\. Either wait .*\\n  file://${folder}/\\.pulumi/locks/organization/shop/dev/.*\\.json: created by .*@.* \\(pid ${child.pid}\\) at \\d{4}-\\d\\d-\\d\\dT`,
      ),
    );
    child.send("release");
    await once(child, "exit");
    await (await acquire()).release();
    expect(await locks()).toEqual([]);
  });

  test("of a killed process is taken over", async () => {
    const { child } = await otherProcess();
    await kill(child);
    const lock = await acquire();
    expect(await locks()).toEqual([`${lock.id}.json`]);
    await lock.release();
  });

  test("is won by at most one of many that try at once", async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, acquire));
    expect(attempts.filter((attempt) => attempt.status === "fulfilled").length).toBeLessThanOrEqual(1);
    for (const attempt of attempts) if (attempt.status === "fulfilled") await attempt.value.release();
    expect(await locks()).toEqual([]);
  });

  test("of the genuine CLI is respected, dead or not, and goes with cancel", async () => {
    await mkdir(files.path(lockFolder(reference)), { recursive: true });
    await writeFile(
      files.path(`${lockFolder(reference)}/0a.json`),
      '{"pid":999999,"username":"u","hostname":"elsewhere","timestamp":"2026-01-02T03:04:05.678Z"}',
    );
    await expect(acquire()).rejects.toThrow("created by u@elsewhere (pid 999999) at 2026-01-02T03:04:05Z");
    await removeLocks(files, reference);
    await (await acquire()).release();
  });

  test("that was given up may be taken over by the same process", async () => {
    const first = await acquire();
    await files.write(`strata/journal/shop/dev/${first.id}.journal`, Buffer.from(""));
    await first.abandon();
    expect(await locks()).toEqual([`${first.id}.json`]);
    await (await acquire()).release();
  });

  test("leaves nothing but lock files in its folder at any time", async () => {
    const lock = await acquire();
    expect(await readdir(files.path(lockFolder(reference)))).toEqual([`${lock.id}.json`]);
    await lock.release();
  });
});
