import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ComponentResource, log } from "@pulumi/pulumi";
import { type EngineEvent, LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { asPulumiCommand } from "#automation/command.ts";
import { dropDebugMessages } from "#automation/runner/drop-debug-messages.ts";
import { createEmbeddedCommand } from "#engine/embedded-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "debug-"));
  for (const name of ["state", "home", "work"]) await mkdir(join(folder, name));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

test("debug messages, the SDK's own among them, aren't sent to the engine; others are", async () => {
  const sent = vi.spyOn(engineRpc.EngineClient.prototype, "log");
  const program = async () => {
    new ComponentResource("shop:index:Till", "till");
    void log.debug("nobody asked");
    await log.warn("the till is open");
  };
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "dev", projectName: "shop", program },
    {
      workDir: join(folder, "work"),
      pulumiCommand: asPulumiCommand(createEmbeddedCommand({ packages: [], environment: {} })),
      envVars: { PULUMI_BACKEND_URL: `file://${folder}/state`, PULUMI_HOME: join(folder, "home"), PULUMI_CONFIG_PASSPHRASE: "geheim" },
    },
  );
  const messages = async () => {
    const events: EngineEvent[] = [];
    sent.mockClear();
    await stack.preview({ onEvent: (event) => events.push(event) });
    expect(events.flatMap(({ diagnosticEvent }) => diagnosticEvent?.message ?? []).join()).toContain("the till is open");
    return sent.mock.calls.map(([request]) => request.getMessage());
  };
  expect(await messages()).toContain("nobody asked");
  dropDebugMessages();
  expect(await messages()).toEqual(["the till is open"]);
});
