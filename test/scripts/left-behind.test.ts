import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clearLeftBehind } from "../../scripts/tests/left-behind.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "strata-left-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("what a suite leaves behind", () => {
  test("is nothing when its folder is empty and nobody knows it", async () => {
    expect(await clearLeftBehind(folder, 0)).toEqual([]);
  });

  test("are its files, by name", async () => {
    await writeFile(join(folder, "a"), "");
    expect(await clearLeftBehind(folder, 0)).toEqual([`file ${join(folder, "a")}`]);
  });

  test.runIf(process.platform === "linux")("are its processes, which are killed", async () => {
    const child = spawn("sleep", ["60"], { env: { ...process.env, TMPDIR: folder }, stdio: "ignore" });
    const exited = once(child, "exit");
    expect(await clearLeftBehind(folder, 0)).toEqual([`process ${child.pid}: sleep 60`]);
    expect(await exited).toEqual([null, "SIGKILL"]);
  });

  test("isn't what goes away in a moment", async () => {
    await writeFile(join(folder, "a"), "");
    const left = clearLeftBehind(folder, 10_000);
    await rm(join(folder, "a"));
    expect(await left).toEqual([]);
  });
});
