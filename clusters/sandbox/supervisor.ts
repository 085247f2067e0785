/** Entry of a sandbox's supervisor process: `node supervisor.ts <cluster folder>`. Its output is the cluster's `logs/supervisor.log`. */
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isStrataError, messageOf, StrataError } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";
import { readClusterRecord } from "./cluster-record.ts";
import type { SupervisorFailure, SupervisorLaunch } from "./control-protocol.ts";
import { serveControl } from "./control-server.ts";
import { layoutIn } from "./layout.ts";
import { writePrivateFile } from "./private-file.ts";
import { SandboxSupervisor } from "./sandbox-supervisor.ts";

const write = (level: string) => (facts: object, message: string) =>
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...facts })}\n`);
const logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") } satisfies Logger;

const folder = process.argv[2];
if (!folder) throw new Error("usage: supervisor.ts <cluster folder>");
const layout = layoutIn(folder);
const record = readClusterRecord(layout.record);
if (!record) throw new Error(`${layout.record} is missing`);

const giveUp = (error: unknown): void => {
  const detail = messageOf(error);
  const code = isStrataError(error) && (error.code === "disk_full" || error.code === "data_folder_unusable") ? error.code : "cluster_failed";
  logger.error({ code }, detail);
  writePrivateFile(layout.failure, JSON.stringify({ code, detail } satisfies SupervisorFailure));
  end(1);
};

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

const stop = (): void => {
  supervisor.stop().then(
    () => end(0),
    (error: unknown) => giveUp(error),
  );
};

process.on("SIGTERM", stop);
process.on("SIGINT", stop);
process.on("SIGHUP", () => undefined);

try {
  await serveControl({ socket: layout.controlSocket, status: () => supervisor.status(), setNodes: (nodes) => supervisor.setNodes(nodes), stop });
  await supervisor.start();
} catch (error) {
  if (supervisor.status().state !== "stopping" || isStrataError(error)) giveUp(error);
}
void StrataError;
