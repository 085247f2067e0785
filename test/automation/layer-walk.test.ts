import { expect, test } from "vitest";
import { walkLayers, widthOf } from "#automation/layer-walk.ts";
import type { LayerSpec } from "#config/spec.ts";
import type { LayerId, StackName } from "#core/ids.ts";

function layer(name: string, ...needs: string[]): LayerSpec {
  return { layer: name as LayerId, stack: `s.e.${name}` as StackName, needs: needs as LayerId[], onCluster: true, components: [], values: {} };
}

const diamond = [layer("base"), layer("left", "base"), layer("right", "base"), layer("top", "left", "right")];

test("a layer is visited after all layers it needs", async () => {
  const order: string[] = [];
  await walkLayers(diamond, "needs-first", async (l) => Boolean(order.push(l.layer)));
  expect(order).toEqual(["base", "left", "right", "top"]);
});

test("backwards, a layer is visited after all layers that need it", async () => {
  const order: string[] = [];
  await walkLayers(diamond, "dependents-first", async (l) => Boolean(order.push(l.layer)));
  expect(order).toEqual(["top", "left", "right", "base"]);
});

test("independent layers are visited at the same time", async () => {
  let underWay = 0;
  let most = 0;
  await walkLayers(diamond, "needs-first", async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    return true;
  });
  expect(most).toBe(2);
});

test("a layer is told which of those it waited for failed, and others aren't", async () => {
  const told: Record<string, readonly string[]> = {};
  await walkLayers(diamond, "needs-first", async (l, failed) => {
    told[l.layer] = failed;
    return l.layer !== "left";
  });
  expect(told).toEqual({ base: [], left: [], right: [], top: ["left"] });
});

test("a need outside the walk isn't waited for", async () => {
  const order: string[] = [];
  await walkLayers([layer("left", "base")], "needs-first", async (l) => Boolean(order.push(l.layer)));
  expect(order).toEqual(["left"]);
});

test("the width of a walk is the most layers that are visited at the same time", () => {
  expect(widthOf(diamond)).toBe(2);
  expect(widthOf([layer("one"), layer("two", "one"), layer("three", "two")])).toBe(1);
  expect(widthOf([layer("chosen", "left out"), layer("other")])).toBe(2);
  expect(widthOf([])).toBe(0);
});
