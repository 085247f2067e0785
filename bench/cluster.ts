import type { ClusterSource } from "#clusters/cluster-source.ts";
import { median, reportSeconds, seconds } from "./timing.ts";

/** Times a sandbox's start with its tools there and its data folder made: from nothing running to nodes ready. */
export async function benchCluster(sandbox: ClusterSource): Promise<void> {
  console.log("\nSandbox cluster");
  const starts: number[] = [];
  for (let run = 0; run < 3; run++) {
    await sandbox.stop();
    starts.push(await seconds(() => sandbox.ensure({ onProgress: () => undefined, signal: new AbortController().signal })));
  }
  reportSeconds("warm start until ready", median(starts), 6);
  reportSeconds("adopting a running one", await seconds(() => sandbox.ensure({ onProgress: () => undefined, signal: new AbortController().signal })), 1);
}
