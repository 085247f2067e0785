import { readFile } from "node:fs/promises";
import type { Endpoint } from "#cli/http/endpoint.ts";
import type { CliSettings, ControllerFile } from "#cli/ports.ts";
import { StrataError } from "#core/errors.ts";

const healthMillis = 3_000;

/**
 * The controller that serves the data folder, or `undefined` when none does. Whatever answers on its port without its instance id is somebody
 * else's and is never sent the token.
 * Throws `unauthorized` when the controller answers but its token can't be read.
 */
export async function findController(settings: CliSettings, signal: AbortSignal): Promise<Endpoint | undefined> {
  const local = await readControllerFile(settings.controllerFile);
  if (!local) return undefined;
  const baseUrl = `http://127.0.0.1:${local.port}`;
  if ((await instanceAt(baseUrl, signal)) !== local.instanceId) return undefined;
  return { baseUrl, token: await readToken(settings), local };
}

/** What the data folder says of its controller; `undefined` where there is no such file or it can't be understood. */
async function readControllerFile(file: string): Promise<ControllerFile | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    return isControllerFile(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isControllerFile(value: unknown): value is ControllerFile {
  if (typeof value !== "object" || value === null) return false;
  const { port, instanceId, pid } = value as Partial<Record<keyof ControllerFile, unknown>>;
  return (
    Number.isInteger(port) && (port as number) > 0 && (port as number) < 65536 && typeof instanceId === "string" && instanceId !== "" && Number.isInteger(pid)
  );
}

async function instanceAt(baseUrl: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(`${baseUrl}/healthz`, { redirect: "error", signal: AbortSignal.any([signal, AbortSignal.timeout(healthMillis)]) });
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null && "instance" in body && typeof body.instance === "string" ? body.instance : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

/** Whether it takes requests: a controller that just started may still open its database. */
export async function isReady(baseUrl: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${baseUrl}/readyz`, { redirect: "error", signal: AbortSignal.any([signal, AbortSignal.timeout(healthMillis)]) });
    await response.body?.cancel();
    return response.ok;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

async function readToken(settings: CliSettings): Promise<string> {
  try {
    return (await readFile(settings.tokenFile, "utf8")).trim();
  } catch (cause) {
    throw new StrataError(
      "unauthorized",
      `A controller serves ${settings.dataFolder}, but its token can't be read from ${settings.tokenFile}. Run this as the user who started it, or give a token by STRATA_TOKEN together with STRATA_URL.`,
      { cause },
    );
  }
}
