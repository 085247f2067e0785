import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { processIdentity } from "#core/process-identity.ts";
import { lockFile } from "#toolchain/file-lock.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "strata-lock-"));
  path = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const quiet = () => ({ signal: new AbortController().signal, onWait: () => undefined });

/** Another process that takes the lock, appends "in" and, unless killed, "out" to a file. */
const taker = (log: string, holdMs: number) =>
  spawn(
    process.execPath,
    [
      "--input-type=module-typescript",
      "--eval",
      `import { lockFile } from "#toolchain/file-lock.ts";
       import { appendFileSync } from "node:fs";
       const release = await lockFile(${JSON.stringify(path)}, { signal: new AbortController().signal, onWait: () => undefined });
       appendFileSync(${JSON.stringify(log)}, "in ");
       await new Promise((resolve) => setTimeout(resolve, ${holdMs}));
       appendFileSync(${JSON.stringify(log)}, "out ");
       release();`,
    ],
    { stdio: "inherit" },
  );
const ended = (child: ReturnType<typeof taker>) => new Promise((resolve) => child.once("exit", resolve));

describe("a lock between processes", () => {
  test("is held by one at a time", async () => {
    const log = join(folder, "log");
    await Promise.all([1, 2, 3].map(() => ended(taker(log, 20))));
    expect(readFileSync(log, "utf8")).toBe("in out ".repeat(3));
    expect(readdirSync(folder)).toEqual(["log"]);
  });

  test("of a killed process is taken over", async () => {
    const log = join(folder, "log");
    const child = taker(log, 60_000);
    await expect.poll(() => existsSync(log), { timeout: 5_000 }).toBe(true);
    child.kill("SIGKILL");
    await ended(child);
    (await lockFile(path, quiet()))();
    expect(readdirSync(folder)).toEqual(["log"]);
  });

  test("of a process number that belongs to another process by now is taken over", async () => {
    writeFileSync(path, JSON.stringify({ pid: process.ppid, identity: "of an earlier boot", token: "t" }));
    (await lockFile(path, quiet()))();
    expect(existsSync(path)).toBe(false);
  });

  test("that isn't one of ours is taken over", async () => {
    writeFileSync(path, "");
    (await lockFile(path, quiet()))();
    expect(existsSync(path)).toBe(false);
  });

  test("tells a waiting process once who holds it, and lets it give up", async () => {
    const release = await lockFile(path, quiet());
    const abort = new AbortController();
    const holders: number[] = [];
    const waiting = lockFile(path, { signal: abort.signal, onWait: ({ pid }) => holders.push(pid) });
    await expect.poll(() => holders).toEqual([process.pid]);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("isn't released by somebody who lost it", async () => {
    const release = await lockFile(path, quiet());
    const other = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid), token: "other" });
    writeFileSync(path, other);
    release();
    expect(readFileSync(path, "utf8")).toBe(other);
  });
});
