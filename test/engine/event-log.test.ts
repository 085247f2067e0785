import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEventLog } from "#engine/command/event-log.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "event-log-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a file gets one JSON document per line, behind what it holds already", async () => {
  for (const sequence of [0, 1]) {
    const log = await openEventLog("events.json", folder);
    log.write({ sequence, timestamp: 1, cancelEvent: {} });
    expect(await log.close()).toBeUndefined();
  }
  expect(await readFile(join(folder, "events.json"), "utf8")).toBe(
    '{"sequence":0,"timestamp":1,"cancelEvent":{}}\n{"sequence":1,"timestamp":1,"cancelEvent":{}}\n',
  );
});

test("a file that can't be opened is refused by name", async () => {
  await expect(openEventLog("no/such/folder", folder)).rejects.toThrow(`could not open the event log ${folder}/no/such/folder: ENOENT`);
});

test("a stream that nobody receives is reported at the end, and doesn't stop the operation", async () => {
  const log = await openEventLog("tcp://127.0.0.1:1", folder);
  log.write({ sequence: 0, timestamp: 1, cancelEvent: {} });
  expect(await log.close()).toContain("the event log at 127.0.0.1:1 broke off: ");
});
