import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { asPulumiCommand } from "#automation/command.ts";
import { dropDebugMessages } from "#automation/runner/drop-debug-messages.ts";
import { skipPromiseTraces } from "#automation/runner/skip-promise-traces.ts";
import { prepareStackFolders, stackEnvironment } from "#automation/workspace.ts";
import { embeddedCommand } from "#bin/wiring/engine.ts";
import { projectName } from "#core/ids.ts";
import { ApiFloor } from "./api-floor.ts";
import { registerConfigMaps } from "./config-map-program.ts";
import { median, reportRatio, seconds } from "./timing.ts";

const parallel = 32;

/** Times the embedded engine on one Namespace and N ConfigMaps against the same API calls without it, and against the SDK alone where nothing changes. */
export async function benchEngine(kubeconfig: string): Promise<void> {
  // As every process that runs stacks does.
  dropDebugMessages();
  skipPromiseTraces(process.env);
  for (const count of [100, 1000]) {
    console.log(`\n1 Namespace + ${count} ConfigMaps`);
    const { create, read, remove, concurrency } = await floor(kubeconfig, count);
    console.log(
      `  floor: the API alone, ${concurrency} kept-alive connections: create ${create.toFixed(3)} s, read ${read.toFixed(3)} s, delete ${remove.toFixed(3)} s`,
    );
    const sdk = Number(
      (await promisify(execFile)(process.execPath, [join(import.meta.dirname, "sdk-floor.ts"), kubeconfig, "bench-sdk", String(count)])).stdout.trim(),
    );
    console.log(`  floor: the SDK alone, registering with its mock monitor: ${sdk.toFixed(3)} s`);
    await withStack(kubeconfig, count, async (stack) => {
      reportRatio("first up", await seconds(() => stack.up({ parallel })), create, 8);
      reportRatio(
        "no-op up",
        median([await seconds(() => stack.up({ parallel })), await seconds(() => stack.up({ parallel })), await seconds(() => stack.up({ parallel }))]),
        sdk,
        3,
      );
      reportRatio(
        "no-op preview",
        median([
          await seconds(() => stack.preview({ parallel })),
          await seconds(() => stack.preview({ parallel })),
          await seconds(() => stack.preview({ parallel })),
        ]),
        sdk,
        3,
      );
      reportRatio("refresh", await seconds(() => stack.refresh({ parallel })), read, 5);
      reportRatio("destroy", await seconds(() => stack.destroy({ parallel })), remove, 5);
    });
  }
}

/** The best of several concurrencies. */
async function floor(kubeconfig: string, count: number): Promise<{ create: number; read: number; remove: number; concurrency: number }> {
  let best = { create: Number.POSITIVE_INFINITY, read: 0, remove: 0, concurrency: 0 };
  for (const concurrency of [8, 16, 32, 64]) {
    const api = await ApiFloor.open(kubeconfig, concurrency);
    const namespace = `bench-floor-${count}-${concurrency}`;
    const create = await api.create(namespace, count, concurrency);
    const read = await api.read(namespace, count, concurrency);
    const remove = await api.delete(namespace, count, concurrency);
    await api.close();
    if (create < best.create) best = { create, read, remove, concurrency };
  }
  return best;
}

async function withStack(kubeconfig: string, count: number, work: (stack: Stack) => Promise<void>): Promise<void> {
  const dataFolder = await mkdtemp(join(tmpdir(), "strata-bench-"));
  try {
    const folders = await prepareStackFolders(dataFolder);
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: `bench.local.maps-${count}`, projectName, program: async () => void registerConfigMaps(kubeconfig, `bench-${count}`, count) },
      { workDir: folders.settings, pulumiCommand: asPulumiCommand(embeddedCommand(process.env)), envVars: stackEnvironment(folders) },
    );
    await work(stack);
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}
