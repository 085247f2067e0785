import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hasCode } from "#core/errors.ts";
import { processIdentity } from "#core/process-identity.ts";
import { lockDirectory } from "#operations/database/directory-lock.ts";

let root: string;
let directory: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "strata-lock-"));
  directory = join(root, "database");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const holderOf = async () => JSON.parse(await readFile(`${directory}.lock`, "utf8")) as { pid: number };
const leave = (holder: object) => writeFile(`${directory}.lock`, JSON.stringify({ token: "other", ...holder }));

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid!;
}

describe("the lock of a directory", () => {
  test("is held by one at a time, and the second is told by whom", async () => {
    const lock = await lockDirectory(directory);
    const refusal = await lockDirectory(directory).catch((error: unknown) => error);
    expect(hasCode(refusal, "data_folder_in_use") && refusal.detail).toContain(`process ${process.pid}`);
    await lock.release();
    await (await lockDirectory(directory)).release();
  });

  test("is taken over from a process that has ended", async () => {
    await leave({ pid: await deadPid(), startTime: "then" });
    const lock = await lockDirectory(directory);
    expect((await holderOf()).pid).toBe(process.pid);
    await lock.release();
  });

  test("is taken over when its pid belongs to a later process", async () => {
    await leave({ pid: process.pid, startTime: "an earlier boot" });
    await (await lockDirectory(directory)).release();
  });

  test("isn't taken from a process that lives", async () => {
    await leave({ pid: process.pid, startTime: processIdentity(process.pid) });
    expect(hasCode(await lockDirectory(directory).catch((error: unknown) => error), "data_folder_in_use")).toBe(true);
  });

  test("is taken over when its file is broken", async () => {
    await writeFile(`${directory}.lock`, "{");
    await (await lockDirectory(directory)).release();
  });

  test("goes to exactly one of many that find a dead one", async () => {
    await leave({ pid: await deadPid(), startTime: "then" });
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("isn't held up for long by a take-over that crashed", async () => {
    await leave({ pid: await deadPid(), startTime: "then" });
    await writeFile(`${directory}.lock.claim`, "{}");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${directory}.lock.claim`, longAgo, longAgo);
    await (await lockDirectory(directory)).release();
  });

  test("isn't released by one that lost it", async () => {
    const lock = await lockDirectory(directory);
    await leave({ pid: process.pid, startTime: processIdentity(process.pid) });
    await lock.release();
    expect((await holderOf()).pid).toBe(process.pid);
  });
});
