// Prints how fast Strata is, as ratios to what this machine does without it: make bench, or node bench/main.ts [--only engine,cluster,lab]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openCluster } from "#bin/wiring/clusters.ts";
import { readSettings } from "#config/settings.ts";
import { benchCluster } from "./cluster.ts";
import { benchEngine } from "./engine.ts";
import { benchLab } from "./lab.ts";
import { machineFacts } from "./machine.ts";

const { values } = parseArgs({ options: { only: { type: "string" } } });
const wanted = new Set(values.only?.split(",") ?? ["cluster", "engine", "lab"]);

console.log(machineFacts());
const dataFolder = await mkdtemp(join(tmpdir(), "strata-bench-"));
const settings = readSettings({ ...process.env, STRATA_HOME: dataFolder });
const sandbox = openCluster(settings, { source: "sandbox", name: "bench", nodes: [{ count: 2, cpu: "16", memory: "64Gi" }] });
try {
  const { kubeconfig } = await sandbox.ensure({ onProgress: (message) => console.log(`  ${message}`), signal: new AbortController().signal });
  if (wanted.has("cluster")) await benchCluster(sandbox);
  if (wanted.has("engine")) await benchEngine(kubeconfig);
} finally {
  await sandbox.wipe();
  await rm(dataFolder, { recursive: true, force: true });
}
if (wanted.has("lab")) await benchLab();
process.exit(0);
