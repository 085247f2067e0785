import { access, constants, mkdir, statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { chooseEngine } from "#bin/choose-engine.ts";
import { openToolchain } from "#bin/wiring/clusters.ts";
import type { DoctorCheck, DoctorReport } from "#cli/ports.ts";
import type { Settings } from "#config/settings.ts";
import { messageOf } from "#core/errors.ts";
import { formatBytes } from "#core/quantity.ts";
import { toolNames } from "#toolchain/tools.ts";

/** What a local sandbox with a lab takes, roughly. */
const wantedMemory = 4 * 2 ** 30;
const wantedDisk = 5 * 2 ** 30;

/** Looks at everything that Strata needs of this machine; changes nothing. */
export async function examineMachine(settings: Settings): Promise<DoctorReport> {
  return {
    checks: [
      nodeCheck(),
      ...(await Promise.all([folderCheck(settings), diskCheck(settings)])),
      memoryCheck(),
      await engineCheck(settings),
      ...(await toolChecks(settings)),
    ],
  };
}

function nodeCheck(): DoctorCheck {
  const [major = 0] = process.versions.node.split(".").map(Number);
  const detail = `${process.versions.node} at ${process.execPath}`;
  return major >= 24 ? { name: "Node", state: "ok", detail } : { name: "Node", state: "problem", detail, remedy: "Run `npm ci`, which brings Node 24 along." };
}

async function folderCheck({ dataFolder }: Settings): Promise<DoctorCheck> {
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await access(dataFolder, constants.W_OK);
    return { name: "Data folder", state: "ok", detail: dataFolder };
  } catch (error) {
    return {
      name: "Data folder",
      state: "problem",
      detail: `${dataFolder}: ${messageOf(error)}`,
      remedy: "Make it writable, or set STRATA_HOME to another folder.",
    };
  }
}

async function diskCheck({ dataFolder }: Settings): Promise<DoctorCheck> {
  try {
    const { bavail, bsize } = await statfs(dataFolder);
    const free = bavail * bsize;
    const detail = `${formatBytes(free)} free`;
    return free >= wantedDisk
      ? { name: "Disk", state: "ok", detail }
      : { name: "Disk", state: "warning", detail, remedy: `Building the tools and a lab take about ${formatBytes(wantedDisk)}.` };
  } catch (error) {
    return { name: "Disk", state: "warning", detail: messageOf(error) };
  }
}

function memoryCheck(): DoctorCheck {
  const detail = `${formatBytes(freemem())} of ${formatBytes(totalmem())} free`;
  return totalmem() >= wantedMemory
    ? { name: "Memory", state: "ok", detail }
    : { name: "Memory", state: "warning", detail, remedy: `A sandbox and the controller take up to ${formatBytes(wantedMemory)}.` };
}

async function engineCheck(settings: Settings): Promise<DoctorCheck> {
  try {
    const { kind, version, reason } = await chooseEngine(settings.engine, settings.environment);
    return {
      name: "Engine",
      state: "ok",
      detail: `${kind === "cli" ? "the genuine Pulumi CLI" : "the embedded engine"} ${version} (STRATA_ENGINE=${settings.engine}): ${reason}`,
    };
  } catch (error) {
    return { name: "Engine", state: "problem", detail: messageOf(error) };
  }
}

async function toolChecks(settings: Settings): Promise<DoctorCheck[]> {
  const tools = await openToolchain(settings).describe(toolNames);
  return tools.map(({ name, version, found, obstacles }) => {
    if (found) return { name, state: "ok", detail: `${found.version} from ${found.source}, ${found.path}` };
    const tried = obstacles.map(({ place, reason }) => `${place}: ${reason}`).join("; ");
    return { name, state: "warning", detail: `${version} isn't there yet (${tried})`, remedy: "It is downloaded or built when it is first needed." };
  });
}
