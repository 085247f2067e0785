// Runs every check and suite, each in a process group of its own, and ends with a line `N passed, N failed, N skipped`.
//
//   node scripts/run-tests.ts [--only checks,unit,…]
//
// A check counts as one test. A suite that dies, doesn't come to its end or leaves something behind counts as a failure more than its report shows.
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Count, countReport } from "./tests/count.ts";
import { clearLeftBehind } from "./tests/left-behind.ts";
import { type BoundedOptions, type Ending, runBounded } from "./tests/run-bounded.ts";

type Command = readonly [string, ...string[]];

const checks: Readonly<Record<string, Command>> = {
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
/** Mostly waits for the clock, so it runs beside the others and shows its output afterwards. */
const besideOthers = "clock";
/** Far more than any suite takes: the first one that needs the sandbox also builds its tools. */
const limitMs = 20 * 60_000;

const names = ["checks", ...suites, besideOthers];
const { values } = parseArgs({ options: { only: { type: "string" } } });
const wanted = new Set(values.only?.split(",") ?? names);
for (const name of wanted) if (!names.includes(name)) throw new Error(`there is no suite '${name}'; --only takes ${names.join(", ")}`);

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());

const started = performance.now();
const total = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const folder = await mkdtemp(join(tmpdir(), "strata-test-"));
try {
  // Servers that refuse to run as root run as another user, below this folder.
  await chmod(folder, 0o711);
  const output = join(folder, "beside.log");
  const beside = wanted.has(besideOthers) ? runSuite(besideOthers, { output }) : undefined;
  if (wanted.has("checks")) for (const [name, command] of Object.entries(checks)) add(name, await check(name, command));
  for (const suite of suites) {
    if (!wanted.has(suite)) continue;
    console.log(`\n== ${suite}`);
    add(suite, await runSuite(suite));
  }
  if (beside) {
    console.log(`\n== ${besideOthers}`);
    const count = await beside;
    process.stdout.write(await readFile(output, "utf8").catch(() => ""));
    add(besideOthers, count);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

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

async function check(name: string, command: Command): Promise<Count> {
  const { well } = told(name, await run(command));
  return { passed: well ? 1 : 0, failed: well ? 0 : 1, skipped: 0 };
}

/** Each suite has its own folder for temporary files; who leaves some of them or a process there, didn't clean up. */
async function runSuite(suite: string, options: Pick<BoundedOptions, "output"> = {}): Promise<Count> {
  const temporary = join(folder, suite);
  await mkdir(temporary, { mode: 0o711 });
  const report = join(folder, `${suite}.json`);
  // A line per file says enough of quick tests; where each takes long, a line per test shows that it goes on.
  const reporter = `--reporter=${suite === "unit" ? "default" : "verbose"}`;
  const command: Command = ["vitest", "run", "--project", suite, reporter, "--reporter=json", `--outputFile.json=${report}`, "--passWithNoTests"];
  const ending = told(suite, await run(command, { ...options, TMPDIR: temporary }));
  const count = countReport(await readFile(report, "utf8").catch(() => undefined), ending.well);
  const left = await clearLeftBehind(temporary);
  for (const one of left) console.error(`${suite} left behind: ${one}`);
  return { ...count, failed: count.failed + (left.length ? 1 : 0) };
}

function told(name: string, ending: Ending): Ending {
  if (!ending.well) console.error(`${name}: ${ending.why}`);
  return ending;
}

function run(command: Command, { output, ...more }: Pick<BoundedOptions, "output"> & { readonly TMPDIR?: string } = {}): Promise<Ending> {
  const PATH = `${join(import.meta.dirname, "../node_modules/.bin")}:${process.env.PATH}`;
  return runBounded(command, { limitMs, environment: { ...process.env, ...more, PATH }, signal: stop.signal, ...(output === undefined ? {} : { output }) });
}
