import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import type { ActiveEntries } from "#providers/kubernetes/client/kubeconfig.ts";
import type { HelmSettings } from "#providers/kubernetes/settings.ts";

export interface HelmCommandOptions {
  /** Path of the program, or how to get it. */
  readonly program: string | (() => Promise<string>);
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What relative paths start from. */
  readonly workingFolder: string;
  readonly settings: HelmSettings;
  /** What helm talks to when a command needs a cluster; absent when none is reachable. */
  readonly cluster: ActiveEntries | undefined;
  readonly cancelled: AbortSignal;
}

const parallelRuns = 4;
const longestOutput = 256 * 1024 * 1024;

/** Runs the helm program. Its files live in a private folder that goes with {@link close}. */
export class HelmCommand {
  readonly #options: HelmCommandOptions;
  readonly #limit = pLimit(parallelRuns);
  #folder: Promise<string> | undefined;
  #removeAtExit: (() => void) | undefined;
  #program: Promise<string> | undefined;
  #kubeconfig: Promise<string> | undefined;
  #major: Promise<number> | undefined;

  constructor(options: HelmCommandOptions) {
    this.#options = options;
  }

  get environment(): Readonly<Record<string, string | undefined>> {
    return this.#options.environment;
  }

  get workingFolder(): string {
    return this.#options.workingFolder;
  }

  /** Writes a file that only this process may read; answers its path. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(await this.folder(), name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  }

  /** A new folder of its own. */
  async folder(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), "strata-helm-")).then((path) => {
      // Credentials may be in it: it goes also with a process that ends without closing.
      this.#removeAtExit = () => rmSync(path, { recursive: true, force: true });
      process.once("exit", this.#removeAtExit);
      return path;
    });
    return mkdtemp(join(await this.#folder, "run-"));
  }

  /** Major version of the program: 3 or 4. */
  async majorVersion(): Promise<number> {
    this.#major ??= this.run(["version", "--template", "{{.Version}}"]).then((text) => Number(/v?(\d+)/.exec(text)?.[1] ?? 0));
    return this.#major;
  }

  /** Arguments that lead a command to the cluster. Throws an `Error` when there is none. */
  async clusterArguments(): Promise<string[]> {
    this.#kubeconfig ??= this.#writeKubeconfig();
    return ["--kubeconfig", await this.#kubeconfig];
  }

  async #writeKubeconfig(): Promise<string> {
    const { cluster } = this.#options;
    if (!cluster) throw new Error("helm needs a reachable cluster for this");
    const name = "active";
    return this.file(
      "kubeconfig",
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": name,
        contexts: [{ name, context: { cluster: name, user: name, namespace: cluster.namespace } }],
        clusters: [{ name, cluster: cluster.cluster }],
        users: [{ name, user: cluster.user }],
      }),
    );
  }

  /** Runs helm; answers what it prints. Throws an `Error` with helm's own complaint, or saying that helm can't be started. */
  async run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const { program } = this.#options;
    this.#program ??= typeof program === "string" ? Promise.resolve(program) : program();
    const path = await this.#program;
    return this.#limit(() => this.#spawn(path, [...args, ...this.#settingArguments()], { ...this.#options.environment, ...environment }));
  }

  #settingArguments(): string[] {
    const { registryConfigPath, repositoryConfigPath, repositoryCache } = this.#options.settings;
    return [
      ...(registryConfigPath ? ["--registry-config", registryConfigPath] : []),
      ...(repositoryConfigPath ? ["--repository-config", repositoryConfigPath] : []),
      ...(repositoryCache ? ["--repository-cache", repositoryCache] : []),
    ];
  }

  #spawn(path: string, args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Promise<string> {
    return runProgram(path, args, {
      environment: {
        ...environment,
        HELM_DRIVER: this.#options.settings.driver,
        ...(this.#options.settings.pluginsPath ? { HELM_PLUGINS: this.#options.settings.pluginsPath } : {}),
      },
      folder: this.#options.workingFolder,
      signal: this.#options.cancelled,
      missing: `charts need the helm program (3.8 or newer), and '${path}' can't be started: install helm or put it on the PATH`,
    });
  }

  async close(): Promise<void> {
    if (!this.#folder) return;
    await rm(await this.#folder, { recursive: true, force: true });
    if (this.#removeAtExit) process.off("exit", this.#removeAtExit);
  }
}

export interface ProgramOptions {
  /** Where it runs. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** What to say when there is no such program. */
  readonly missing: string;
  /** What the program reads. */
  readonly input?: string;
}

/** Runs a program to its end; answers what it prints. Throws an `Error` with the last words of one that fails. */
export function runProgram(path: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(path, args, { cwd: options.folder, env: options.environment, stdio: ["pipe", "pipe", "pipe"], signal: options.signal });
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  let size = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > longestOutput) child.kill();
    else out.push(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  child.on("error", (error: NodeJS.ErrnoException) =>
    reject(error.code === "ENOENT" || error.code === "EACCES" ? new Error(options.missing, { cause: error }) : error),
  );
  child.on("close", (code, signal) => {
    if (code === 0) resolve(Buffer.concat(out).toString("utf8"));
    else reject(new Error(complaint(Buffer.concat(errors).toString("utf8")) || `${path} ended with ${signal ?? `exit code ${code}`}`));
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  return promise;
}

/** The error in what a program wrote to its error stream, without log lines. */
function complaint(text: string): string {
  const lines = text.split("\n").filter((line) => !/^(level=|WARNING: |time=|I\d{4} |W\d{4} )/.test(line));
  return lines
    .join("\n")
    .trim()
    .replace(/^Error: /, "");
}
