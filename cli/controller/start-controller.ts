import { readFile } from "node:fs/promises";
import { findController, isReady } from "#cli/controller/find-controller.ts";
import type { Endpoint } from "#cli/http/endpoint.ts";
import type { CliPorts, StartedController } from "#cli/ports.ts";
import type { Time } from "#cli/time.ts";
import { StrataError } from "#core/errors.ts";

const patienceMillis = 90_000;
/** How long another process, which was started at the same moment, may take over after ours gave way. */
const graceMillis = 5_000;
const pollMillis = 100;
const shownLogLines = 12;

export interface StartOptions {
  readonly time: Time;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

/** Starts a controller of this machine and waits until it takes requests. Throws `controller_unreachable` with the end of its log. */
export async function startController(ports: CliPorts, options: StartOptions): Promise<Endpoint> {
  options.onProgress(`No controller serves ${ports.settings.dataFolder}: starting one`);
  const started = await ports.startController();
  let exited: { code: number | null; at: number } | undefined;
  started.exited.then(
    (code) => {
      exited = { code, at: options.time.now() };
    },
    () => {
      exited = { code: null, at: options.time.now() };
    },
  );
  const begun = options.time.now();
  for (;;) {
    const endpoint = await findController(ports.settings, options.signal);
    if (endpoint && (await isReady(endpoint.baseUrl, options.signal))) return endpoint;
    const now = options.time.now();
    if (exited && !endpoint && now - exited.at > graceMillis)
      throw await startFailure(started, `The controller ended at once (exit code ${exited.code ?? "none, it was killed"})`);
    if (now - begun > patienceMillis) throw await startFailure(started, `The controller wasn't ready within ${patienceMillis / 1000} seconds`);
    await options.time.sleep(pollMillis, options.signal);
  }
}

/** Waits for a controller that was found but may still be starting. */
export async function waitUntilReady(endpoint: Endpoint, { time, signal, onProgress }: StartOptions): Promise<void> {
  const begun = time.now();
  for (let told = false; !(await isReady(endpoint.baseUrl, signal)); ) {
    if (time.now() - begun > patienceMillis)
      throw new StrataError(
        "controller_unreachable",
        `The controller at ${endpoint.baseUrl} runs but wasn't ready within ${patienceMillis / 1000} seconds. Look at ${endpoint.baseUrl}/readyz and at its log.`,
      );
    if (!told) onProgress(`Waiting for the controller at ${endpoint.baseUrl} to become ready`);
    told = true;
    await time.sleep(pollMillis, signal);
  }
}

async function startFailure(started: StartedController, what: string): Promise<StrataError> {
  const log = await readFile(started.logFile, "utf8").catch(() => "");
  const tail = log.trimEnd().split("\n").slice(-shownLogLines).join("\n");
  return new StrataError("controller_unreachable", `${what}. Its log is ${started.logFile}${tail ? `, which ends:\n${tail}` : ", which is empty"}`);
}
