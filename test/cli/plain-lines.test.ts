import { describe, expect, test } from "vitest";
import { makePaint } from "#cli/render/paint.ts";
import { plainLines } from "#cli/render/plain-lines.ts";
import type { OperationEvent, OperationKind } from "#core/operation.ts";
import { finished, layerFinished, layerStarted, recorded, step } from "./events.ts";

function linesOf(event: OperationEvent, { kind = "up" as OperationKind, verbose = false } = {}): string[] {
  return recorded(event).flatMap((one) => plainLines(one, { kind, paint: makePaint(false), verbose }));
}

describe("plain lines", () => {
  test("name the layer, the resource and what became of it", () => {
    expect(linesOf(step("l", "done", "create", "web"))).toEqual(["[l] + kubernetes:core/v1:ConfigMap web created"]);
    expect(linesOf(step("l", "failed", "delete", "web"))).toEqual(["[l] - kubernetes:core/v1:ConfigMap web deleting failed"]);
  });

  test("show what differs in a preview, marking what forces a replacement, and stand-ins", () => {
    const diff = { data: "update", "metadata.name": "update-replace", "spec.a": "add", "spec.b": "delete" };
    expect(linesOf(step("l", "done", "replace", "web", { diff, standIn: true }), { kind: "preview" })).toEqual([
      "[l] ± kubernetes:core/v1:ConfigMap web to replace [~data, ~metadata.name!, +spec.a, -spec.b] (stand-in)",
    ]);
  });

  test("leave out steps that begin, unchanged resources and passing messages", () => {
    expect(linesOf(step("l", "started", "create", "web"))).toEqual([]);
    expect(linesOf(step("l", "done", "same", "web"))).toEqual([]);
    expect(linesOf({ type: "diagnostic", severity: "error", message: "waiting", ephemeral: true })).toEqual([]);
    expect(linesOf({ type: "diagnostic", severity: "info", message: "hello" })).toEqual([]);
    expect(linesOf(finished())).toEqual([]);
  });

  test("show unchanged resources and information when asked", () => {
    expect(linesOf(step("l", "done", "same", "web"), { verbose: true })).toEqual(["[l]   kubernetes:core/v1:ConfigMap web unchanged"]);
    expect(linesOf({ type: "diagnostic", severity: "info", message: "hello" }, { verbose: true })).toEqual(["info: hello"]);
  });

  test("prefix every line of a long message", () => {
    const event = { ...layerStarted("l"), type: "diagnostic", severity: "error", message: "first\nsecond\r\n" } as unknown as OperationEvent;
    expect(linesOf(event)).toEqual(["[l] error: first", "[l]   second"]);
  });

  test("tell progress with its steps, states, and how a layer ended", () => {
    expect(linesOf({ type: "progress", stage: "tools", message: "building etcd", done: 1, total: 7 })).toEqual(["tools building etcd (1/7)"]);
    expect(linesOf({ type: "state", state: "running" })).toEqual(["operation running"]);
    expect(linesOf(layerStarted("l"))).toEqual(["[l] started"]);
    expect(linesOf(layerFinished("l", { changes: { create: 1, same: 3 }, seconds: 65 }))).toEqual(["[l] succeeded in 1 min 05 s: 1 created, 3 unchanged"]);
    const problem = { type: "", title: "A layer failed", status: 500, detail: "no space", code: "layer_failed" as const };
    expect(linesOf(layerFinished("l", { state: "failed", changes: {}, problem }))).toEqual([
      "[l] failed in 3.0 s: no resources",
      "[l] A layer failed: no space",
    ]);
    expect(linesOf(layerFinished("l", { state: "skipped" }))).toEqual(["[l] skipped"]);
  });
});
