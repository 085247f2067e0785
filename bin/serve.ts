import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { createRunOperation } from "#automation/run-operation.ts";
import { RunnerPool } from "#automation/runner/runner-pool.ts";
import { createStackReader } from "#automation/stack-reader.ts";
import { chooseEngine } from "#bin/choose-engine.ts";
import { controllerToken } from "#bin/controller-token.ts";
import { ownVersion } from "#bin/version.ts";
import { openCluster } from "#bin/wiring/clusters.ts";
import { listSandboxes } from "#clusters/list-sandboxes.ts";
import { loadCatalogue } from "#config/catalogue.ts";
import type { Settings } from "#config/settings.ts";
import { systemClock } from "#core/clock.ts";
import { hasCode, StrataError } from "#core/errors.ts";
import { openOperations } from "#operations/operations.ts";
import { buildApp } from "#server/app.ts";
import type { App } from "#server/app-type.ts";
import { listen } from "#server/listen.ts";

export interface ServeOptions {
  readonly host?: string;
  readonly port?: number;
  /** Serve plain HTTP on an address other than loopback. */
  readonly insecure: boolean;
  readonly startedBy: "cli" | "user";
}

/** Runs a controller in this process until it is told to stop; answers the exit code. Throws what keeps it from starting. */
export async function serve(settings: Settings, options: ServeOptions): Promise<number> {
  const host = options.host ?? settings.host;
  if (!isLoopback(host) && !options.insecure)
    throw new StrataError(
      "invalid_config",
      `${host} isn't a loopback address and the controller speaks plain HTTP. Put a reverse proxy with TLS before 127.0.0.1, or say --insecure if the network is yours alone.`,
    );
  const logger = pino({ level: settings.environment.STRATA_LOG || "info", redact: ["token", "*.token", "headers.authorization"] });
  await makeDataFolder(settings.dataFolder);
  const choice = await chooseEngine(settings.engine, settings.environment);
  const engine = `${choice.kind === "cli" ? "Pulumi CLI" : "embedded engine"} ${choice.version}`;
  const catalogue = await loadCatalogue();
  const runners = new RunnerPool({ entry: join(import.meta.dirname, "runner.ts"), environment: runnerEnvironment(settings), logger });
  const runOperation = createRunOperation({
    dataFolder: settings.dataFolder,
    parallel: settings.parallel,
    runners,
    ensureCluster: (spec, ensureOptions) => openCluster(settings, spec).ensure(ensureOptions),
    engine: async () => engine,
  });
  const place = settings.databaseUrl ? { databaseUrl: settings.databaseUrl } : { dataFolder: settings.dataFolder };
  const operations = await openOperations({ place, catalogue, runOperation, clock: systemClock, logger, concurrency: settings.concurrency });
  const instanceId = randomUUID();
  const startedAt = new Date().toISOString();
  let app: App | undefined;
  const controllerFile = join(settings.dataFolder, "controller.json");
  try {
    const token = await controllerToken(settings.dataFolder);
    app = await buildApp({
      operations,
      catalogue,
      token,
      logger,
      instanceId,
      version: ownVersion(),
      stackReader: createStackReader(runners, settings.dataFolder),
      clusters: { list: () => listSandboxes(settings.dataFolder) },
      status: async () => ({
        pid: process.pid,
        startedAt,
        memoryBytes: process.memoryUsage.rss(),
        database: settings.databaseUrl ? ("server" as const) : ("embedded" as const),
        engine: { name: choice.kind === "cli" ? "Pulumi CLI" : "embedded engine", version: choice.version, reason: choice.reason },
      }),
      allowedHosts: isLoopback(host) ? [] : [host],
    });
    const port = await listenSomewhere(app, host, options.port, settings);
    await writePrivate(controllerFile, JSON.stringify({ port, instanceId, pid: process.pid, startedBy: options.startedBy }));
    runners.warm();
    logger.info({ host, port, engine, dataFolder: settings.dataFolder }, "The controller listens");
    process.stderr.write(`Strata ${ownVersion()} serves http://${host}:${port} (API description: /docs) from ${settings.dataFolder} with the ${engine}\n`);
    await stopSignal();
    logger.info({}, "The controller stops");
    return 0;
  } finally {
    // First the operations, so that whoever follows one sees how it ended.
    await operations.close();
    await app?.close();
    await runners.close();
    await removeOwn(controllerFile, instanceId);
  }
}

/** The wanted port; when nobody asked for a particular one and somebody else has it, any free one. */
async function listenSomewhere(app: App, host: string, wanted: number | undefined, settings: Settings): Promise<number> {
  try {
    return await listen(app, host, wanted ?? settings.port);
  } catch (error) {
    if (!hasCode(error, "port_taken") || wanted !== undefined || settings.environment.STRATA_PORT) throw error;
    const port = await listen(app, host, 0);
    process.stderr.write(`Port ${settings.port} is somebody else's; taking ${port} instead.\n`);
    return port;
  }
}

/** Settles at the first SIGTERM, SIGINT or SIGHUP; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, onSignal);
  });
}

async function makeDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const probe = join(folder, `.probe-${process.pid}`);
    await writeFile(probe, "");
    await rm(probe);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC")
      throw new StrataError("disk_full", `The disk of ${folder} is full. Free some space, or set STRATA_HOME to a folder on another disk.`, { cause: error });
    throw new StrataError(
      "data_folder_unusable",
      `The data folder ${folder} can't be written (${code ?? String(error)}). Make it writable for this user, or set STRATA_HOME to another folder.`,
      { cause: error },
    );
  }
}

/** A passphrase of the user's own shell must not win over the data folder's. With their compiled modules kept, runners start in about half the time. */
function runnerEnvironment(settings: Settings): Record<string, string | undefined> {
  const { PULUMI_CONFIG_PASSPHRASE: _own, PULUMI_CONFIG_PASSPHRASE_FILE: _file, ...environment } = settings.environment;
  return { NODE_COMPILE_CACHE: join(settings.dataFolder, "compiled"), ...environment, STRATA_HOME: settings.dataFolder };
}

async function writePrivate(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, path);
}

async function removeOwn(controllerFile: string, instanceId: string): Promise<void> {
  const content = await readFile(controllerFile, "utf8").catch(() => "");
  if (content.includes(instanceId)) await rm(controllerFile, { force: true });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
