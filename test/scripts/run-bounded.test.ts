import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BoundedOptions, runBounded } from "../../scripts/tests/run-bounded.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "strata-bounded-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const output = () => join(folder, "output");
const run = (script: string, more: Partial<BoundedOptions> = {}) =>
  runBounded(["sh", "-c", script], { limitMs: 60_000, environment: process.env, output: output(), signal: new AbortController().signal, ...more });

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // One that nobody has waited for yet is over all the same.
  return stat !== undefined && !/\) Z /.test(stat);
}

/** The process whose id the script has printed. */
async function printedPid(): Promise<number> {
  for (;;) {
    const pid = Number.parseInt(await readFile(output(), "utf8").catch(() => ""), 10);
    if (pid) return pid;
    await sleep(10);
  }
}

describe("a program with a limit", () => {
  test("that ends with code 0 has ended well, and its output is in the file", async () => {
    expect(await run("echo out; echo err >&2")).toEqual({ well: true });
    expect((await readFile(output(), "utf8")).split("\n").sort()).toEqual(["", "err", "out"]);
  });

  test.each([
    ["exit 3", "sh ended with code 3"],
    ["kill -KILL $$", "sh ended with SIGKILL"],
  ])("that ends otherwise tells how: %s", async (script, why) => {
    expect(await run(script)).toEqual({ well: false, why });
  });

  test("that can't be started says so", async () => {
    const ending = await runBounded(["no-such-program"], { limitMs: 1000, environment: process.env, output: output(), signal: new AbortController().signal });
    expect(ending).toEqual({ well: false, why: expect.stringContaining("no-such-program can't be started") });
  });

  test("is stopped with its children when it isn't over in time", async () => {
    expect(await run("sleep 60 & echo $!; wait", { limitMs: 500 })).toEqual({ well: false, why: expect.stringContaining("not over") });
    expect(await isAlive(await printedPid())).toBe(false);
  });

  test("is stopped with its children when it is told to", async () => {
    const stop = new AbortController();
    const ending = run("sleep 60 & echo $!; wait", { signal: stop.signal });
    const pid = await printedPid();
    stop.abort();
    expect(await ending).toEqual({ well: false, why: "stopped" });
    expect(await isAlive(pid)).toBe(false);
  });

  test("leaves no child behind that it started and forgot", async () => {
    await run("sleep 60 >/dev/null 2>&1 & echo $!");
    expect(await isAlive(await printedPid())).toBe(false);
  });
});
