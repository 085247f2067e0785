import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { runPulumiCli } from "#engine/command/run-pulumi-cli.ts";
import type { CommandStreams, EmbeddedCommand } from "#engine/embedded-command.ts";

type Execute = (streams: CommandStreams) => Promise<number>;

function session(execute: Execute, terminal = false) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const signals = new EventEmitter();
  const command: Pick<EmbeddedCommand, "execute"> = { execute: (_args, _cwd, _environment, streams) => execute(streams) };
  for (const stream of [stdin, stdout]) Object.assign(stream, { isTTY: terminal });
  const exit = runPulumiCli(["up"], { command, cwd: "/", environment: {}, stdin: stdin as never, stdout: stdout as never, stderr: stderr as never, signals });
  return { exit, stdin, stdout, stderr, signals };
}

test("the first interrupt cancels, the second terminates, and nobody listens afterwards", async () => {
  const seen: boolean[][] = [];
  const done = Promise.withResolvers<number>();
  const { exit, signals } = session(async ({ cancel, terminate }) => {
    const note = () => seen.push([cancel!.aborted, terminate!.aborted]);
    note();
    cancel!.addEventListener("abort", note);
    terminate!.addEventListener("abort", () => {
      note();
      done.resolve(8);
    });
    return await done.promise;
  });
  signals.emit("SIGINT");
  signals.emit("SIGTERM");
  expect(await exit).toBe(8);
  expect(seen).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
  expect([signals.listenerCount("SIGINT"), signals.listenerCount("SIGTERM")]).toEqual([0, 0]);
});

test("output goes to its stream and the exit code to the caller", async () => {
  const { exit, stdout, stderr } = session(async ({ out, err }) => {
    out("a\n");
    err("b\n");
    return 6;
  });
  expect(await exit).toBe(6);
  stdout.end();
  stderr.end();
  expect([await text(stdout), await text(stderr)]).toEqual(["a\n", "b\n"]);
});

test.each([
  ["yes", true],
  ["y", true],
  ["no", false],
  ["", false],
])("on a terminal the answer %j to a question means %j", async (answer, agreed) => {
  const { exit, stdin } = session(async ({ confirm }) => ((await confirm!("Sure?")) ? 0 : 1), true);
  stdin.write(`${answer}\n`);
  expect(await exit).toBe(agreed ? 0 : 1);
});

test("without a terminal nobody is asked and input is read to its end", async () => {
  const { exit, stdin } = session(async ({ confirm, readInput }) => {
    expect(confirm).toBeUndefined();
    return (await readInput!()).length;
  });
  stdin.end("12345");
  expect(await exit).toBe(5);
});
