import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Strata as a user has it: the command line in processes of its own, on a data folder and port that nobody else uses. */
export class Strata {
  readonly dataFolder: string;
  readonly port: number;
  readonly environment: Record<string, string | undefined>;

  private constructor(dataFolder: string, port: number) {
    this.dataFolder = dataFolder;
    this.port = port;
    this.environment = { ...process.env, STRATA_HOME: dataFolder, STRATA_PORT: String(port), NO_COLOR: "1" };
    for (const name of ["KUBECONFIG", "VITEST", "NODE_ENV"]) delete this.environment[name];
  }

  static async create(): Promise<Strata> {
    return new Strata(await mkdtemp(join(tmpdir(), "strata-e2e-")), await freePort());
  }

  /** Runs one command line to its end, which comes within 4 minutes or by force: sooner than the limit of a test. */
  run(...argv: string[]): Promise<Finished> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(root, "bin/strata.ts"), ...argv],
        { cwd: root, env: this.environment, maxBuffer: 64 * 2 ** 20, timeout: 4 * 60_000, killSignal: "SIGKILL" },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
    });
  }

  /** Starts a command line that goes on. */
  start(...argv: string[]): ChildProcess {
    return spawn(process.execPath, [join(root, "bin/strata.ts"), ...argv], { cwd: root, env: this.environment, stdio: "ignore" });
  }

  /** One request to the controller, with its token. */
  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const token = (await readFile(join(this.dataFolder, "token"), "utf8")).trim();
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** The processes that carry the data folder in their command line or environment. */
  async processes(): Promise<string[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    const found: string[] = [];
    for (const pid of pids) {
      const [command, environment] = await Promise.all(["cmdline", "environ"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")));
      if (`${command}${environment}`.includes(this.dataFolder)) found.push(`${pid} ${command!.replaceAll("\0", " ")}`);
    }
    return found;
  }

  /** Stops what still runs and removes the data folder. */
  async remove(): Promise<void> {
    await this.run("stop");
    for (const cluster of JSON.parse((await this.run("cluster", "list", "--json")).stdout || "[]") as { name: string }[])
      await this.run("cluster", "wipe", cluster.name, "--yes");
    await rm(this.dataFolder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
