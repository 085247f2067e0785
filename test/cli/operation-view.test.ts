import { describe, expect, test } from "vitest";
import { emptyView, type OperationView, reduceOperation } from "#cli/view/operation-view.ts";
import type { OperationEvent } from "#core/operation.ts";
import { finished, layerFinished, layerStarted, operationResult, recorded, step } from "./events.ts";

function viewOf(...events: readonly OperationEvent[]): OperationView {
  return recorded(...events).reduce(reduceOperation, emptyView);
}

describe("the view of an operation", () => {
  test("keeps the latest message of each stage, in order of appearance", () => {
    const view = viewOf(
      { type: "progress", stage: "engine", message: "embedded" },
      { type: "progress", stage: "cluster", message: "starting etcd", done: 1, total: 3 },
      { type: "progress", stage: "cluster", message: "ready", done: 3, total: 3 },
    );
    expect(view.stages).toEqual([
      { stage: "engine", message: "embedded", done: undefined, total: undefined },
      { stage: "cluster", message: "ready", done: 3, total: 3 },
    ]);
  });

  test("shows a step while it is under way and counts it when it is done", () => {
    const events = [layerStarted("platform_base"), step("platform_base", "started", "create", "a"), step("platform_base", "started", "create", "b")];
    expect(viewOf(...events).layers[0]?.running.map(({ name }) => name)).toEqual(["a", "b"]);
    const after = viewOf(...events, step("platform_base", "done", "create", "a"));
    expect(after.layers[0]?.running.map(({ name }) => name)).toEqual(["b"]);
    expect(after.layers[0]?.changes).toEqual({ create: 1 });
    expect(after.layers[0]?.changed.map(({ name, startedAt }) => [name, startedAt])).toEqual([["a", Date.parse("2026-11-21T08:00:01Z")]]);
  });

  test("shows the children of a component under way instead of itself, and counts it when it is done", () => {
    const chart = step("l", "started", "create", "chart") as { readonly urn: string };
    const begun = [layerStarted("l"), step("l", "started", "create", "chart"), step("l", "started", "create", "child", { parent: chart.urn })];
    expect(viewOf(...begun).layers[0]?.running.map(({ name }) => name)).toEqual(["child"]);
    const over = viewOf(...begun, step("l", "done", "create", "child", { parent: chart.urn }), step("l", "done", "create", "chart"));
    expect(over.layers[0]).toMatchObject({ running: [], changes: { create: 2 } });
  });

  test("counts unchanged resources without listing them, and never shows them as under way", () => {
    const view = viewOf(layerStarted("l"), step("l", "started", "same", "a"), step("l", "done", "same", "a"));
    expect(view.layers[0]).toMatchObject({ running: [], changed: [], changes: { same: 1 } });
  });

  test("counts a replacement once, not its halves", () => {
    const view = viewOf(
      layerStarted("l"),
      step("l", "done", "create-replacement", "a"),
      step("l", "done", "replace", "a"),
      step("l", "done", "delete-replaced", "a"),
    );
    expect(view.layers[0]?.changes).toEqual({ replace: 1 });
    expect(view.layers[0]?.changed.map(({ op }) => op)).toEqual(["replace"]);
  });

  test("lists what failed and takes it from what is under way", () => {
    const view = viewOf(layerStarted("l"), step("l", "started", "create", "a"), step("l", "failed", "create", "a"));
    expect(view.layers[0]).toMatchObject({ running: [], failed: [{ name: "a" }], changes: {} });
  });

  test("takes the counts of a finished layer from its result and forgets what was under way", () => {
    const view = viewOf(layerStarted("l"), step("l", "started", "create", "a"), layerFinished("l", { changes: { create: 7 } }));
    expect(view.layers[0]).toMatchObject({ state: "succeeded", running: [], changes: { create: 7 } });
  });

  test("knows a layer that was skipped without ever starting", () => {
    expect(viewOf(layerFinished("l", { state: "skipped" })).layers).toMatchObject([{ layer: "l", state: "skipped" }]);
  });

  test("takes an event that is delivered twice only once", () => {
    const events = recorded(layerStarted("l"), step("l", "done", "create", "a"));
    const view = [...events, ...events].reduce(reduceOperation, emptyView);
    expect(view.layers[0]?.changes).toEqual({ create: 1 });
    expect(view.sequence).toBe(2);
  });

  test("doesn't change the view it was given", () => {
    const before = viewOf(layerStarted("l"));
    const copy = structuredClone(before);
    reduceOperation(before, { ...recorded(step("l", "done", "create", "a"))[0]!, sequence: 2 });
    expect(before).toEqual(copy);
  });

  test("ends with the operation's result", () => {
    const result = operationResult({ state: "failed" });
    expect(viewOf({ type: "state", state: "running" }, finished(result))).toMatchObject({ state: "failed", result });
  });
});
