/** Entry of a sandbox's supervisor process: `node supervisor.ts <cluster folder>`. Its output is the cluster's `logs/supervisor.log`. */
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Logger } from "#core/logger.ts";
import { readClusterRecord } from "./cluster-record.ts";
import type { SupervisorFailure, SupervisorLaunch } from "./control-protocol.ts";
import { serveControl } from "./control-server.ts";
import { layoutIn } from "./layout.ts";
import { writePrivateFile } from "./private-file.ts";
import { failureOf, SandboxSupervisor } from "./sandbox-supervisor.ts";

const write = (level: string) => (facts: object, message: string) =>
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...facts })}\n`);
const logger: Logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };

const folder = process.argv[2];
if (!folder) throw new Error("usage: supervisor.ts <cluster folder>");
const layout = layoutIn(folder);
const record = readClusterRecord(layout.record);
if (!record) throw new Error(`${layout.record} is missing`);

let stopAsked = false;

const supervisor = new SandboxSupervisor({
  layout,
  record,
  launch: JSON.parse(readFileSync(layout.launch, "utf8")) as SupervisorLaunch,
  stages: fileURLToPath(new URL("stages.yaml", import.meta.url)),
  path: process.env.PATH ?? "",
  logger,
  onFailure: giveUp,
});

function end(code: number): void {
  rmSync(layout.controlSocket, { force: true });
  process.exit(code);
}

function giveUp(error: unknown): void {
  const failure: SupervisorFailure = failureOf(error);
  try {
    logger.error({ code: failure.code }, failure.detail);
    writePrivateFile(layout.failure, JSON.stringify(failure));
  } finally {
    end(1);
  }
}

function stop(): void {
  stopAsked = true;
  supervisor.stop().then(() => end(0), giveUp);
}

process.on("SIGTERM", stop);
process.on("SIGINT", stop);
process.on("SIGHUP", () => undefined);

try {
  await serveControl({ socket: layout.controlSocket, status: () => supervisor.status(), setNodes: (nodes) => supervisor.setNodes(nodes), stop });
  await supervisor.start();
} catch (error) {
  // A stop during the start ends the process itself.
  if (!stopAsked) giveUp(error);
}
