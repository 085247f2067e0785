import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { expect, test } from "vitest";
import { translateEvent } from "#automation/engine-events.ts";
import { previewedOutputs } from "#automation/previewed-outputs.ts";
import type { LayerId } from "#core/ids.ts";

const layer = "base" as LayerId;
const step = (key: string, metadata: object) => ({ sequence: 0, timestamp: 0, [key]: { metadata } }) as unknown as EngineEvent;
const urn = "urn:pulumi:s::p::kubernetes:core/v1:ConfigMap::settings";

test("a step becomes a resource event with its paths that differ", () => {
  const metadata = {
    op: "update",
    urn,
    type: "kubernetes:core/v1:ConfigMap",
    new: { parent: "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", inputs: {} },
    detailedDiff: { "data.a": { diffKind: "update", inputDiff: true } },
  };
  expect(translateEvent(layer, step("resourcePreEvent", metadata))).toMatchObject({
    type: "resource",
    layer,
    phase: "started",
    op: "update",
    name: "settings",
    diff: { "data.a": "update" },
  });
  expect(translateEvent(layer, step("resOutputsEvent", metadata))).toMatchObject({ phase: "done" });
  expect(translateEvent(layer, step("resOpFailedEvent", metadata))).toMatchObject({ phase: "failed" });
});

test("the root stack and default providers are the engine's own business", () => {
  expect(
    translateEvent(layer, step("resourcePreEvent", { op: "create", urn: "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", type: "pulumi:pulumi:Stack" })),
  ).toBeUndefined();
  expect(
    translateEvent(
      layer,
      step("resourcePreEvent", { op: "create", urn: "urn:pulumi:s::p::pulumi:providers:random::default_4_21_1", type: "pulumi:providers:random" }),
    ),
  ).toBeUndefined();
  expect(
    translateEvent(
      layer,
      step("resourcePreEvent", { op: "create", urn: "urn:pulumi:s::p::pulumi:providers:kubernetes::cluster", type: "pulumi:providers:kubernetes" }),
    ),
  ).toBeDefined();
});

test("a stand-in is told by its label", () => {
  const metadata = { op: "create", urn, type: "kubernetes:core/v1:ConfigMap", new: { inputs: { metadata: { labels: { "strata.dev/stand-in": "true" } } } } };
  expect(translateEvent(layer, step("resourcePreEvent", metadata))).toMatchObject({ standIn: true });
});

test("debug messages and empty ones aren't passed on", () => {
  const message = (severity: string, text: string) =>
    translateEvent(layer, { sequence: 0, timestamp: 0, diagnosticEvent: { severity, message: text, color: "raw" } } as unknown as EngineEvent);
  expect(message("debug", "noise")).toBeUndefined();
  expect(message("info", "  \n")).toBeUndefined();
  expect(message("info#err", "<{%fg 1%}>told<{%reset%}>\n")).toMatchObject({ severity: "info", message: "told" });
});

test("outputs of a previewed stack are told apart into known, secret and unknown", () => {
  const outputs = {
    host: "db",
    port: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    password: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" },
    list: ["a", { x: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }],
  };
  const event = step("resOutputsEvent", { op: "create", urn: "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", type: "pulumi:pulumi:Stack", new: { outputs } });
  expect(previewedOutputs(event)).toEqual({ host: { value: "db" }, port: { unknown: true }, password: { secret: true }, list: { unknown: true } });
});
