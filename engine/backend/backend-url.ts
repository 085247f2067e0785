import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isTrue } from "#engine/backend/compression.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `PULUMI_HOME`, by default `~/.pulumi`. */
export function pulumiHome(environment: Environment): string {
  return environment.PULUMI_HOME || join(environment.HOME || homedir(), ".pulumi");
}

/** The backend in force: `PULUMI_BACKEND_URL`, else the project's, else the one of the last `pulumi login`. */
export async function backendUrl(environment: Environment, projectUrl: string | undefined): Promise<string> {
  if (environment.PULUMI_BACKEND_URL) return environment.PULUMI_BACKEND_URL;
  if (projectUrl) return projectUrl;
  const credentials = await readFile(join(pulumiHome(environment), "credentials.json"), "utf8").catch(() => undefined);
  const current = credentials === undefined ? undefined : readCurrent(credentials);
  if (current) return current;
  throw new CommandFailure("no state backend is configured: set PULUMI_BACKEND_URL, or backend.url in Pulumi.yaml, to file://FOLDER");
}

/** Folder of a `file://` URL; it must exist. `~` and relative paths are allowed, relative ones start at `cwd`. */
export async function stateRoot(url: string, environment: Environment, cwd: string): Promise<string> {
  if (!url.startsWith("file://"))
    throw new CommandFailure(`the state backend '${url.replace(/\/\/[^/@]*@/, "//****@")}' isn't supported by the embedded engine: only file://FOLDER is`);
  const folder = rootOf(url, environment, cwd);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return folder;
  if (isTrue(new URLSearchParams(url.split("?")[1] ?? "").get("create_dir") ?? undefined)) return folder;
  throw new CommandFailure(`unable to open bucket ${url}: ${folder} doesn't exist or isn't a folder; create it first`);
}

function rootOf(url: string, environment: Environment, cwd: string): string {
  const path = url.slice("file://".length).split("?")[0]!;
  if (path === "~" || path.startsWith("~/")) return join(environment.HOME || homedir(), path.slice(2));
  if (path.startsWith("/")) return fileURLToPath(`file://${path}`);
  return resolve(cwd, decodeURIComponent(path));
}

function readCurrent(credentials: string): string | undefined {
  try {
    const { current } = JSON.parse(credentials) as { current?: unknown };
    return typeof current === "string" && current ? current : undefined;
  } catch {
    return undefined;
  }
}
