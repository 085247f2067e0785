import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCluster } from "#bin/wiring/clusters.ts";
import { readSettings } from "#config/settings.ts";

export interface TestSandbox {
  /** Absolute path. */
  readonly kubeconfig: string;
  /** Stops the sandbox and removes its folder. */
  remove(): Promise<void>;
}

/** Starts a sandbox of its own in a temporary data folder; the tools come from the user's cache, or are built. */
export async function startTestSandbox(name: string): Promise<TestSandbox> {
  const dataFolder = await mkdtemp(join(tmpdir(), "strata-sandbox-"));
  const settings = readSettings({ ...process.env, STRATA_HOME: dataFolder });
  const source = openCluster(settings, { source: "sandbox", name, nodes: [{ count: 2, cpu: "16", memory: "64Gi" }] });
  const remove = async () => {
    await source.wipe();
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    const cluster = await source.ensure({ onProgress: (message) => console.log(message), signal: AbortSignal.timeout(14 * 60_000) });
    return { kubeconfig: cluster.kubeconfig, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
