import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeMachine } from "./fake-ports.ts";

let machine: FakeMachine;
beforeEach(async () => {
  machine = await FakeMachine.make();
});
afterEach(() => machine.remove());

describe("help", () => {
  test("lists the verbs in groups, with examples, on stdout", async () => {
    expect(await machine.run("--help")).toBe(0);
    for (const word of ["Operations:", "Looking:", "This machine:", "up [system]", "schedule", "Examples:"]) expect(machine.stdout.text).toContain(word);
  });

  test("of a verb has its options, examples and exit codes", async () => {
    expect(await machine.run("up", "--help")).toBe(0);
    expect(machine.stdout.text).toContain("-s, --scenario <scenario>");
    expect(machine.stdout.text).toContain("strata up local-lab --detach --json");
    expect(machine.stdout.text).toContain("  130  left by Ctrl-C");
    expect(await machine.run("help", "schedule", "add")).toBe(0);
    expect(machine.stdout.text).toContain("--cron <expression>");
  });

  test("is shown with exit code 2 where a verb is missing", async () => {
    expect(await machine.run()).toBe(2);
    expect(await machine.run("schedule")).toBe(2);
    expect(machine.stderr.text).toContain("Usage: strata schedule");
    expect(machine.stdout.text).toBe("");
  });

  test("comes without loading the HTTP client, the live display or Pulumi", () => {
    const script = `
      import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const { runCli } = await import("#cli/run-cli.ts");
      const { PassThrough } = await import("node:stream");
      const out = new PassThrough();
      await runCli(["--help"], { stdout: out, stderr: out, env: {}, version: "1" });
      console.log(JSON.stringify(loaded));`;
    const root = join(import.meta.dirname, "../..");
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: root, encoding: "utf8" });
    expect(stderr).toBe("");
    const loaded = JSON.parse(stdout) as string[];
    expect(loaded.some((url) => url.includes("/commander/"))).toBe(true);
    for (const heavy of ["/log-update/", "/eventsource-parser/", "/@pulumi/", "/yaml/", "/cli/commands/", "/cli/http/"])
      expect(
        loaded.filter((url) => url.includes(heavy)),
        heavy,
      ).toEqual([]);
  });
});

describe("wrong usage", () => {
  test.each([
    [["frobnicate"], "unknown command 'frobnicate'", "'strata --help'"],
    [["upp"], "(Did you mean up?)", "'strata --help'"],
    [["up", "--layr", "x"], "(Did you mean --layer?)", "'strata up --help'"],
    [["up", "a", "b"], "too many arguments", "'strata up --help'"],
    [["cancel"], "missing required argument 'operation'", "'strata cancel --help'"],
    [["schedule", "add", "--kind", "refresh"], "required option '--cron <expression>'", "'strata schedule add --help'"],
    [["up", "--on-conflict", "wait"], "Allowed choices are queue, reject", "'strata up --help'"],
    [["operations", "--limit", "0"], "Expected a whole number from 1", "'strata operations --help'"],
    [["serve", "--port", "70000"], "Expected a port from 1 to 65535", "'strata serve --help'"],
  ])("%j ends with 2, says what is wrong and where help is", async (argv, complaint, help) => {
    expect(await machine.run(...argv)).toBe(2);
    expect(machine.stderr.text).toMatch(/^error: Wrong usage: /);
    expect(machine.stderr.text.replaceAll("\n", " ")).toContain(complaint);
    expect(machine.stderr.text).toContain(`${help} shows what it takes.`);
    expect(machine.stdout.text).toBe("");
  });

  test("is a problem document with --json", async () => {
    expect(await machine.run("up", "--json", "--on-conflict", "wait")).toBe(2);
    expect(JSON.parse(machine.stderr.text)).toMatchObject({ code: "invalid_request", title: "Wrong usage" });
  });
});

describe("unexpected errors", () => {
  beforeEach(() => {
    machine.overrides = {
      doctor: async () => {
        throw new Error("boom", { cause: new Error("the fuse") });
      },
    };
  });

  test("end with 1 and without a stack trace", async () => {
    expect(await machine.run("doctor")).toBe(1);
    expect(machine.stderr.text).toBe("error: Something went wrong inside Strata: boom\n  code: internal\n");
  });

  test("show their stack trace and their causes with --debug", async () => {
    expect(await machine.run("doctor", "--debug")).toBe(1);
    expect(machine.stderr.text).toContain("usage.test.ts");
    expect(machine.stderr.text).toContain("caused by:\nError: the fuse");
  });
});

test("a reader of the output that goes away ends the command quietly", async () => {
  machine.overrides = {
    doctor: () =>
      new Promise((_, reject) => {
        machine.stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
        reject(new Error("nobody reads this"));
      }),
  };
  expect(await machine.run("doctor")).toBe(130);
  expect(machine.stderr.text).toBe("");
});
