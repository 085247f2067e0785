import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { credentials, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import languageRpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type { Environment } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import type { Project } from "#engine/stack-config/project-file.ts";

export interface NodeProgram {
  /** `127.0.0.1:PORT` of its language runtime. */
  readonly address: string;
  /** Ends the program, if it still runs, and its server. */
  close(): Promise<void>;
}

/** The program's exit code when it has already told the user what went wrong. */
const toldAlready = 32;
const largestMessage = 400 * 1024 * 1024;
const programStreams = { stdout: 1, stderr: 2 } as const;

/** Where the program runs and what is run there. Mirrors pulumi/pulumi:pkg/engine/project.go `GetPwdMain` (v3.259.0). */
export function programPlace(project: Project): { readonly folder: string; readonly entry: string } {
  if (project.main === undefined) return { folder: project.folder, entry: "." };
  const path = resolve(project.folder, project.main);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? { folder: path, entry: "." } : { folder: dirname(path), entry: basename(path) };
}

/**
 * Serves the language runtime for a project whose program is a file on disk: the program runs in a `node` process of its own by the SDK's own runner, as
 * under the genuine CLI. Mirrors pulumi/pulumi:sdk/nodejs/cmd/pulumi-language-nodejs/main.go (v3.259.0).
 */
export async function startNodeProgram(project: Project, nodePath: string, environment: Environment): Promise<NodeProgram> {
  if (project.runtime.name !== "nodejs")
    throw new CommandFailure(`the runtime '${project.runtime.name}' of ${project.file} isn't supported by the embedded engine: only nodejs is`);
  const place = programPlace(project);
  const runner = findRunner(place.folder);
  const children = new Set<ChildProcess>();
  const server = new Server({ "grpc.max_receive_message_length": largestMessage, "grpc.max_send_message_length": largestMessage });
  server.addService(languageRpc.LanguageRuntimeService, {
    getRequiredPlugins: (_call: unknown, reply: sendUnaryData<InstanceType<typeof language.GetRequiredPluginsResponse>>) =>
      reply(null, new language.GetRequiredPluginsResponse()),
    getPluginInfo: (_call: unknown, reply: sendUnaryData<InstanceType<typeof plugin.PluginInfo>>) => reply(null, new plugin.PluginInfo()),
    run: (call: ServerUnaryCall<Run, RunResponse>, reply: sendUnaryData<RunResponse>) => {
      const child = spawn(nodePath, runnerArguments(runner, call.request, project, place), {
        cwd: place.folder,
        env: programEnvironment(call.request, project, environment),
        stdio: ["ignore", "pipe", "pipe"],
        // A group of its own: an interrupt at the terminal is for the engine, which then lets the program end.
        detached: true,
      });
      children.add(child);
      const output = forwardOutput(child, call.request.getArgsList()[0] ?? "");
      call.on("cancelled", () => endGroup(child, "SIGTERM"));
      child.once("error", (error) => {
        children.delete(child);
        reply(null, failed(`could not start ${nodePath}: ${error.message}`));
      });
      child.once("close", (code, signal) => {
        if (!children.delete(child)) return;
        void output.finish().then(() => reply(null, responseFor(code, signal)));
      });
    },
  });
  const port = await new Promise<number>((resolved, rejected) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error ? rejected(error) : resolved(bound)));
  });
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      for (const child of children) endGroup(child, "SIGKILL");
      server.forceShutdown();
    },
  };
}

type Run = InstanceType<typeof language.RunRequest>;
type RunResponse = InstanceType<typeof language.RunResponse>;

function findRunner(folder: string): string {
  try {
    return createRequire(join(folder, "program.js")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    throw new CommandFailure(`the program in ${folder} can't be run: @pulumi/pulumi isn't installed there; run npm install`);
  }
}

function runnerArguments(runner: string, request: Run, project: Project, place: { readonly folder: string; readonly entry: string }): string[] {
  const [engineAddress = ""] = request.getArgsList();
  const options: Record<string, string> = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": project.folder,
    stack: request.getStack(),
    pwd: place.folder,
    parallel: String(request.getParallel()),
  };
  return [
    runner,
    ...Object.entries(options).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    place.entry,
  ];
}

/** Configuration reaches the program by its environment, keys in their old form `namespace:config:name`. */
function programEnvironment(request: Run, project: Project, environment: Environment): NodeJS.ProcessEnv {
  const config = Object.fromEntries((request.getConfigMap().toObject() as [string, string][]).map(([key, value]) => [key.replace(":", ":config:"), value]));
  return {
    ...environment,
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList().map((key: string) => key.replace(":", ":config:"))),
    PULUMI_NODEJS_TYPESCRIPT: String(project.runtime.options.typescript !== false),
  };
}

/** What the program prints becomes diagnostics of the deployment. */
function forwardOutput(child: ChildProcess, engineAddress: string): { finish(): Promise<void> } {
  const client = new engineRpc.EngineClient(engineAddress, credentials.createInsecure());
  const sent: Promise<void>[] = [];
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      const request = new engine.LogRequest();
      request.setSeverity(engine.LogSeverity.INFO);
      request.setMessage(text);
      request.setStreamid(programStreams[stream]);
      sent.push(new Promise((settled) => client.log(request, () => settled())));
    });
  return {
    async finish() {
      await Promise.all(sent);
      client.close();
    },
  };
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function responseFor(code: number | null, signal: NodeJS.Signals | null): RunResponse {
  const response = new language.RunResponse();
  if (code === toldAlready) response.setBail(true);
  else if (code !== 0) response.setError(signal ? `program was ended by ${signal}` : `Program exited with non-zero exit code: ${code}`);
  return response;
}

function failed(message: string): RunResponse {
  const response = new language.RunResponse();
  response.setError(message);
  return response;
}
