// Runs every check and suite, each in a process of its own, and ends with a line `N passed, N failed, N skipped`.
//
//   node scripts/run-tests.ts [--only checks,unit,…]
//
// A check counts as one test. A suite that dies counts as one failure more than its report shows.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const checks: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "format and lint": ["biome", "check", "--error-on-warnings", "."],
  types: ["tsc", "-p", "."],
  "promises and switches": ["eslint", "."],
  "imports between rooms": [
    "depcruise",
    "bin",
    "core",
    "config",
    "programs",
    "automation",
    "operations",
    "engine",
    "providers",
    "clusters",
    "server",
    "cli",
    "toolchain",
  ],
};
const suites = ["unit", "lifecycle", "golden", "providers-live", "sandbox", "e2e"] as const;

const { values } = parseArgs({ options: { only: { type: "string" } } });
const wanted = new Set(values.only?.split(",") ?? ["checks", ...suites]);
const started = performance.now();
const total: Count = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

if (wanted.has("checks")) for (const [name, command] of Object.entries(checks)) add(name, await check(command));
for (const suite of suites) if (wanted.has(suite)) add(suite, await runSuite(suite));

console.log(`\nAll in ${Math.round((performance.now() - started) / 1000)} s.${failures.length ? ` Failed: ${failures.join(", ")}.` : ""}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed ? 1 : 0);

function add(name: string, count: Count): void {
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  if (count.failed) failures.push(name);
  console.log(`${count.failed ? "FAILED" : "ok"}  ${name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
}

async function check(command: readonly [string, ...string[]]): Promise<Count> {
  return (await run(command)) === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function runSuite(suite: string): Promise<Count> {
  console.log(`\n== ${suite}`);
  const folder = await mkdtemp(join(tmpdir(), "strata-test-"));
  try {
    const report = join(folder, "report.json");
    const code = await run(["vitest", "run", "--project", suite, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, "--passWithNoTests"]);
    const {
      numPassedTests = 0,
      numFailedTests = 0,
      numPendingTests = 0,
      numTodoTests = 0,
    } = JSON.parse(await readFile(report, "utf8").catch(() => "{}")) as Record<string, number>;
    return { passed: numPassedTests, failed: numFailedTests || (code === 0 ? 0 : 1), skipped: numPendingTests + numTodoTests };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run([command, ...args]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: "inherit",
      env: { ...process.env, PATH: `${join(import.meta.dirname, "../node_modules/.bin")}:${process.env.PATH}` },
    });
    child.once("error", (error) => {
      console.error(`${command} can't be started: ${error.message}`);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
