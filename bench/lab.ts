import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportSeconds, seconds } from "./timing.ts";

const root = join(import.meta.dirname, "..");

/** Times the lab as it is typed: from a machine with nothing running to the summary, and once more with nothing to do. */
export async function benchLab(): Promise<void> {
  console.log("\nmake lab-up SCENARIO=etl-minimal, tools cached");
  const dataFolder = await mkdtemp(join(tmpdir(), "strata-bench-lab-"));
  const make = (target: string) => seconds(() => run("make", ["-s", target], { ...process.env, STRATA_HOME: dataFolder, STRATA_PORT: "0" }));
  try {
    reportSeconds("first run", await make("lab-up"), 60);
    reportSeconds("second run, no change", await make("lab-up"), 8);
    reportSeconds("lab-down", await make("lab-down"), 60);
  } finally {
    await run("make", ["-s", "lab-down"], { ...process.env, STRATA_HOME: dataFolder, STRATA_PORT: "0" }).catch(() => undefined);
    await rm(dataFolder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "ignore", "inherit"] });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${command} ${args.join(" ")} ended with ${code}`))));
  });
}
