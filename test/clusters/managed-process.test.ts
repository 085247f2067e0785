import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { killLeftovers, processesOf } from "#clusters/sandbox/leftovers.ts";
import { rotateLog } from "#clusters/sandbox/log-rotation.ts";
import { lastLines } from "#clusters/sandbox/log-tail.ts";
import { ManagedProcess, type UnexpectedExit } from "#clusters/sandbox/managed-process.ts";
import { silentLogger } from "#core/logger.ts";
import { processIdentity } from "#core/process-identity.ts";

let folder: string;
let exits: UnexpectedExit[];
const all: ManagedProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "strata-process-"));
  exits = [];
});
afterEach(async () => {
  await Promise.all(all.splice(0).map((one) => one.stop(0)));
  rmSync(folder, { recursive: true, force: true });
});

function shell(script: string, environment: Record<string, string> = {}): ManagedProcess {
  const made = new ManagedProcess({
    name: "test",
    command: "/bin/sh",
    arguments: ["-c", script],
    environment,
    logFile: join(folder, "log"),
    logger: silentLogger,
    onUnexpectedExit: (exit) => exits.push(exit),
  });
  all.push(made);
  return made;
}

describe("a managed process", () => {
  test("reports an exit that nobody asked for, counts them and can be started again", async () => {
    const one = shell("echo out; echo err >&2; exit 3");
    one.start();
    await expect.poll(() => exits).toEqual([{ name: "test", reason: "code 3", recently: 1 }]);
    one.start();
    await expect.poll(() => exits[1]).toEqual({ name: "test", reason: "code 3", recently: 2 });
    expect(lastLines(join(folder, "log"), 3)).toEqual(["err", "out", "err"]);
  });

  test("reports a command that can't be executed", async () => {
    const missing = new ManagedProcess({
      ...{ name: "missing", command: join(folder, "nothing"), arguments: [], environment: {}, logFile: join(folder, "log"), logger: silentLogger },
      onUnexpectedExit: (exit) => exits.push(exit),
    });
    missing.start();
    await expect.poll(() => exits[0]?.reason).toContain("ENOENT");
  });

  test("that is stopped is asked first, killed when it doesn't obey, and neither reported nor started again", async () => {
    const polite = shell("trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.05; done");
    const stubborn = shell("trap '' TERM; echo up; while :; do sleep 0.05; done");
    polite.start();
    stubborn.start();
    await expect.poll(() => readFileSync(join(folder, "log"), "utf8")).toBe("up\nup\n");
    const pids = [polite.pid, stubborn.pid].map(Number);
    await Promise.all([polite.stop(10_000), stubborn.stop(50)]);
    expect(readFileSync(join(folder, "log"), "utf8")).toContain("asked");
    expect(pids.map(processIdentity)).toEqual([undefined, undefined]);
    polite.start();
    expect(polite.pid).toBeUndefined();
    expect(exits).toEqual([]);
  });

  test("of a sandbox is found by its environment and ended, others aren't", async () => {
    const ours = shell("exec sleep 60", { STRATA_SANDBOX_ID: `test-${process.pid}` });
    const other = shell("exec sleep 60", { STRATA_SANDBOX_ID: `test-${process.pid}-other` });
    ours.start();
    other.start();
    await expect.poll(() => processesOf(`test-${process.pid}`)).toEqual([ours.pid]);
    expect(await killLeftovers(`test-${process.pid}`)).toBe(1);
    expect(processesOf(`test-${process.pid}-other`)).toEqual([other.pid]);
  });

  test("keeps writing to a log that was rotated", async () => {
    const one = shell("while :; do echo line; sleep 0.02; done");
    one.start();
    const log = join(folder, "log");
    await expect.poll(() => lastLines(log, 1)).toEqual(["line"]);
    expect(rotateLog(log, 1_000_000)).toBe(false);
    expect(rotateLog(log, 1)).toBe(true);
    expect(lastLines(`${log}.old`, 1)).toEqual(["line"]);
    await expect.poll(() => readFileSync(log, "utf8").startsWith("line\n")).toBe(true);
  });
});
