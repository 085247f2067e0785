import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { delimiter, join } from "node:path";
import { ownVersion } from "#bin/version.ts";
import type { CliPorts, ClusterPort, ToolsPort } from "#cli/ports.ts";
import { errorText } from "#cli/print-error.ts";
import { makePaint } from "#cli/render/paint.ts";
import { runCli } from "#cli/run-cli.ts";
import { readSettings, type Settings } from "#config/settings.ts";
import { StrataError } from "#core/errors.ts";

/** Runs one command line; answers the exit code. Rooms are loaded when a verb needs them, so that `--help` is quick. */
export async function main(argv: readonly string[]): Promise<number> {
  let settings: Settings;
  try {
    settings = readSettings(process.env);
  } catch (error) {
    process.stderr.write(errorText(error, { paint: makePaint(false), json: argv.includes("--json"), debug: argv.includes("--debug"), invocation: "strata" }));
    return 2;
  }
  return runCli(argv, portsFor(settings));
}

function portsFor(settings: Settings): CliPorts {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    version: ownVersion(),
    invocation: isOnPath("strata", settings.environment.PATH) ? "strata" : "npx strata",
    settings: { dataFolder: settings.dataFolder, controllerFile: join(settings.dataFolder, "controller.json"), tokenFile: join(settings.dataFolder, "token") },
    processes: { isAlive, terminate: (pid) => void process.kill(pid, "SIGTERM") },
    onInterrupt: (listener) => {
      process.on("SIGINT", listener);
      return () => process.off("SIGINT", listener);
    },
    startController: async () => startController(settings),
    serve: async (options) => {
      keepCompiledCode(settings.dataFolder);
      return (await import("#bin/serve.ts")).serve(settings, options);
    },
    doctor: async () => (await import("#bin/doctor.ts")).examineMachine(settings),
    cluster: clusterPort(settings),
    tools: toolsPort(settings),
    pulumi: async (argv) => (await import("#bin/pulumi.ts")).pulumi(settings, argv),
  };
}

/** Halves the start of a controller. A folder that can't be made is told by the controller itself. */
function keepCompiledCode(dataFolder: string): void {
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    enableCompileCache(join(dataFolder, "compiled"));
  } catch {
    return;
  }
}

function isOnPath(name: string, path = ""): boolean {
  return path.split(delimiter).some((folder) => folder && existsSync(join(folder, name)));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The controller outlives this process; what it says goes into a file of the data folder. */
function startController(settings: Settings): { logFile: string; exited: Promise<number | null> } {
  const logFile = join(settings.dataFolder, "controller.log");
  mkdirSync(settings.dataFolder, { recursive: true, mode: 0o700 });
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, [join(settings.root, "bin/strata.ts"), "serve", "--started-by", "cli"], {
    cwd: settings.root,
    detached: true,
    env: { ...settings.environment, STRATA_HOME: settings.dataFolder },
    stdio: ["ignore", log, log],
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
  child.unref();
  return { logFile, exited };
}

function clusterPort(settings: Settings): ClusterPort {
  const open = async (name: string) => {
    const { listSandboxes, recordedSandbox } = await import("#clusters/list-sandboxes.ts");
    const spec = recordedSandbox(settings.dataFolder, name);
    if (spec) return (await import("#bin/wiring/clusters.ts")).openCluster(settings, spec);
    const known = (await listSandboxes(settings.dataFolder)).map((cluster) => cluster.name);
    throw new StrataError(
      "not_found",
      `There is no sandbox '${name}'. ${known.length ? `Known: ${known.join(", ")}.` : "None was ever started; `strata up` starts the one it needs."}`,
    );
  };
  return {
    list: async () => (await import("#clusters/list-sandboxes.ts")).listSandboxes(settings.dataFolder),
    status: async (name) => (await open(name)).status(),
    start: async (name, options) => {
      const source = await open(name);
      await source.ensure(options);
      return source.status();
    },
    stop: async (name) => (await open(name)).stop(),
    wipe: async (name) => (await open(name)).wipe(),
  };
}

function toolsPort(settings: Settings): ToolsPort {
  return {
    list: async () => {
      const [{ openToolchain }, { toolNames }] = await Promise.all([import("#bin/wiring/clusters.ts"), import("#toolchain/tools.ts")]);
      return (await openToolchain(settings).describe(toolNames)).map(({ name, version, found, obstacles }) =>
        found
          ? { name, version: found.version, state: "found" as const, origin: found.source, path: found.path }
          : { name, version, state: "missing" as const, origin: obstacles.map(({ place, reason }) => `${place}: ${reason}`).join("; ") },
      );
    },
    verify: async ({ lock }) => {
      const [{ verifyTools }, { readToolCatalogue }] = await Promise.all([import("#toolchain/verify-tools.ts"), import("#toolchain/tool-catalogue.ts")]);
      const onProgress = (message: string) => void process.stderr.write(`${message}\n`);
      const results = await verifyTools({
        catalogue: readToolCatalogue(),
        environment: settings.environment,
        lock,
        onProgress,
        signal: new AbortController().signal,
      });
      return results.map(({ name, platform, result, detail }) => ({ name: `${name} ${platform}`, state: result, detail }));
    },
  };
}
