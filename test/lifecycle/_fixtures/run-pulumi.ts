import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export interface PulumiRun {
  /** Standard output, then standard error. */
  readonly output: string;
  readonly exit: number;
}

/** Runs `pulumi ARGS --non-interactive` as a process of its own in a project's folder. `signal` kills it, so that a test that is given up leaves none. */
export async function runPulumi(folder: string, args: readonly string[], environment: Record<string, string>, signal: AbortSignal): Promise<PulumiRun> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "pulumi.ts"), ...args, "--non-interactive"], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, PULUMI_HOME: join(folder, "home"), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  });
  const exit = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { output: output + errors, exit: code };
}
