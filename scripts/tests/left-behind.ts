import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What is still in a folder that should be empty, and which processes know it; kills those. Empty when everything was cleaned up. Processes that were told
 * to end need a moment, so it looks again until `patienceMs` are over.
 */
export async function clearLeftBehind(folder: string, patienceMs = 3000): Promise<string[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const [files, processes] = await Promise.all([readdir(folder), processesKnowing(folder)]);
    if (files.length + processes.length === 0) return [];
    if (Date.now() >= deadline) {
      for (const { pid } of processes) kill(pid);
      return [...files.map((file) => `file ${join(folder, file)}`), ...processes.map(({ pid, command }) => `process ${pid}: ${command}`)];
    }
    await sleep(100);
  }
}

interface KnowingProcess {
  readonly pid: number;
  readonly command: string;
}

/** The processes in whose command line or environment the folder stands. None where there is no `/proc`. */
async function processesKnowing(folder: string): Promise<KnowingProcess[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: KnowingProcess[] = [];
  for (const pid of pids) {
    if (pid === process.pid) continue;
    const [command = "", environment = ""] = await Promise.all(["cmdline", "environ"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")));
    if (`${command}\0${environment}`.includes(folder)) found.push({ pid, command: command.replaceAll("\0", " ").trim() });
  }
  return found;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}
