import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { liveLines } from "#cli/render/live-lines.ts";
import { makePaint } from "#cli/render/paint.ts";
import { emptyView, reduceOperation } from "#cli/view/operation-view.ts";
import type { OperationEvent, OperationKind } from "#core/operation.ts";
import { layerFinished, layerStarted, recorded, step } from "./events.ts";

const paint = makePaint(false);

function drawn(
  events: readonly OperationEvent[],
  size: { columns?: number; rows?: number; kind?: OperationKind; notice?: string; color?: boolean } = {},
): string[] {
  const view = recorded(...events).reduce(reduceOperation, emptyView);
  const now = Date.parse("2026-11-21T08:00:30Z");
  const { columns = 100, rows = 40, kind = "up", notice, color = false } = size;
  return liveLines(view, { kind, title: "up local-lab/lab (base)", now, columns, rows, paint: makePaint(color), notice });
}

const busy: OperationEvent[] = [
  { type: "progress", stage: "cluster", message: "starting kube-apiserver", done: 2, total: 5 },
  layerStarted("cluster"),
  layerFinished("cluster", { changes: { create: 4 }, seconds: 3.14 }),
  layerStarted("platform_base"),
  step("platform_base", "started", "create", "traefik"),
  step("platform_base", "started", "update", "argocd"),
  step("platform_base", "started", "create", "done-one"),
  step("platform_base", "done", "create", "done-one"),
];

describe("the live tree", () => {
  test("shows title, stages, a line per layer and the steps under way with their time", () => {
    expect(drawn(busy)).toEqual([
      "up local-lab/lab (base)  30 s",
      "  cluster  starting kube-apiserver (2/5)",
      "✔ cluster        4 created  3.1 s",
      expect.stringMatching(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] platform_base {2}1 created {2}27 s$/),
      "    + kubernetes:core/v1:ConfigMap traefik  creating 26 s",
      "    ~ kubernetes:core/v1:ConfigMap argocd  updating 25 s",
    ]);
  });

  test("says what is to come in a preview", () => {
    expect(drawn([layerFinished("l", { changes: { create: 4, same: 2 } })], { kind: "preview" })).toContain("✔ l  4 to create, 2 unchanged  3.0 s");
  });

  test("tells failed, cancelled and skipped layers apart", () => {
    const problem = { type: "", title: "A layer was left out", status: 424, detail: "It needs 'a',\nwhich failed.", code: "layer_skipped" as const };
    const lines = drawn([
      layerStarted("a"),
      step("a", "failed", "create", "web"),
      layerFinished("a", { state: "failed", changes: { create: 1 } }),
      layerFinished("b", { state: "cancelled", changes: {} }),
      layerFinished("c", { state: "skipped", problem }),
    ]);
    expect(lines.slice(1)).toEqual([
      "✘ a  1 created, 1 failed  3.0 s",
      "    ✘ kubernetes:core/v1:ConfigMap web  creating failed",
      "■ b  no resources, cancelled  3.0 s",
      "↷ c  left out: It needs 'a', · which failed.",
    ]);
  });

  test("is never wider than the terminal, with colours and wide characters too", () => {
    const wide = [...busy, step("platform_base", "started", "create", "名前".repeat(40))];
    for (const columns of [20, 40, 80])
      for (const color of [false, true]) for (const line of drawn(wide, { columns, color })) expect(stringWidth(line)).toBeLessThan(columns);
  });

  test("is never higher than the terminal: steps give way before layers", () => {
    const many = [...busy, ...Array.from({ length: 50 }, (_, i) => step("platform_base", "started", "create", `r${i}`))];
    const lines = drawn(many, { rows: 8, notice: "Asked to cancel" });
    expect(lines.length).toBeLessThanOrEqual(7);
    expect(lines.some((line) => line.includes("platform_base"))).toBe(true);
    expect(lines.at(-1)).toBe("Asked to cancel");
    expect(drawn(many, { rows: 40 }).filter((line) => line.includes("… 47 more"))).toHaveLength(1);
    expect(drawn(many, { rows: 3 }).length).toBeLessThanOrEqual(2);
  });

  test("takes terminal escape sequences out of names and messages", () => {
    const lines = drawn([
      { type: "progress", stage: "tools", message: "\u001b[2Jgone\u0007" },
      layerStarted("l"),
      step("l", "started", "create", "a\u001b]0;title\u0007b"),
    ]);
    expect(lines.join("")).not.toMatch(/\p{Cc}/u);
    expect(lines[1]).toBe("  tools    gone");
  });

  test("has no colour codes unless asked", () => {
    expect(drawn(busy).join("")).not.toContain("\u001b");
    expect(drawn(busy, { color: true }).join("")).toContain("\u001b[");
    expect(paint.bad("x")).toBe("x");
  });
});
