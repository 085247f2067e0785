/** Drives the engine as the SDK does, with an inline program, providers made for the test and a journal in memory. */
import { isDeepStrictEqual } from "node:util";
import grpc from "@grpc/grpc-js";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import * as sdkServer from "@pulumi/pulumi/automation/server.js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import type { PropertyMap } from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";
import { requiredUrns } from "#engine/deploy/dependency-graph.ts";
import type {
  DeploymentPorts,
  DeploymentRequest,
  DeploymentResult,
  EngineEventBody,
  SnapshotChange,
  SnapshotJournal,
  StackOutputs,
} from "#engine/deploy/deployment.ts";
import { runDeployment } from "#engine/deploy/run-deployment.ts";
import { SnapshotModel } from "#engine/deploy/snapshot-model.ts";
import { emptySnapshot, type PendingOperation, type ResourceState, type Snapshot } from "#engine/state/resource-state.ts";
import type { Provider, ProviderHost, ProviderPackage } from "#providers/contract.ts";

export const project = "proj";
export const stack = "dev";

export type Program = () => Promise<unknown>;

/** A journal that keeps the snapshot in memory and every record in order. Unlike the real one it never waits for a disk. */
export class MemoryJournal implements SnapshotJournal {
  readonly records: {
    readonly kind: "begin" | "end" | "record" | "rebase";
    readonly operation?: PendingOperation;
    readonly change?: SnapshotChange | undefined;
  }[] = [];
  readonly model: SnapshotModel;
  #next = 1;

  constructor(base: Snapshot) {
    this.model = new SnapshotModel(base);
  }

  async begin(operation: PendingOperation): Promise<number> {
    this.records.push({ kind: "begin", operation });
    this.model.begin(this.#next, operation);
    return this.#next++;
  }
  async end(token: number, change: SnapshotChange | undefined): Promise<void> {
    this.records.push({ kind: "end", change });
    this.model.end(token, change);
  }
  async record(change: SnapshotChange): Promise<void> {
    this.records.push({ kind: "record", change });
    this.model.apply(change);
  }
  async rebase(snapshot: Snapshot): Promise<void> {
    this.records.push({ kind: "rebase" });
    this.model.rebase(snapshot);
  }
}

export interface Outcome extends DeploymentResult {
  readonly events: readonly EngineEventBody[];
  readonly journal: MemoryJournal;
}

export type Options = Partial<Omit<DeploymentRequest, "previous" | "languageRuntime">> & {
  readonly readStackOutputs?: (name: string) => Promise<StackOutputs>;
  readonly cancel?: AbortController;
  readonly terminate?: AbortController;
  readonly journal?: SnapshotJournal;
  /** Called with every event as it comes. */
  readonly onEvent?: (event: EngineEventBody) => void;
};

/** A stack whose snapshot one operation hands to the next. */
export class TestStack {
  snapshot: Snapshot = emptySnapshot;
  readonly #packages: ReadonlyMap<string, ProviderPackage>;

  constructor(...packages: readonly ProviderPackage[]) {
    this.#packages = new Map(packages.map((one) => [one.name, one]));
  }

  async up(program: Program, options: Options = {}): Promise<Outcome> {
    return await this.#run({ kind: "update", dryRun: false, ...options }, options, program);
  }
  async preview(program: Program, options: Options = {}): Promise<Outcome> {
    return await this.#run({ kind: "preview", dryRun: true, ...options }, options, program);
  }
  /** Without a program unless one is given. */
  async refresh(options: Options = {}, program?: Program): Promise<Outcome> {
    return await this.#run({ kind: "refresh", dryRun: false, runProgram: program !== undefined, ...options }, options, program);
  }
  async destroy(options: Options = {}, program?: Program): Promise<Outcome> {
    return await this.#run({ kind: "destroy", dryRun: false, runProgram: program !== undefined, ...options }, options, program);
  }

  /** The only state with the name. */
  resource(name: string): ResourceState {
    const found = this.snapshot.resources.filter(({ urn }) => urn.endsWith(`::${name}`));
    if (found.length !== 1) throw new Error(`the snapshot holds ${found.length} resources named '${name}'`);
    return found[0]!;
  }
  has(name: string): boolean {
    return this.snapshot.resources.some(({ urn }) => urn.endsWith(`::${name}`));
  }
  names(): string[] {
    return this.snapshot.resources.map(({ urn }) => urn.split("::").at(-1)!);
  }
  stackOutputs(): PropertyMap {
    return this.snapshot.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
  }

  async #run(given: Pick<DeploymentRequest, "kind" | "dryRun"> & Partial<DeploymentRequest>, options: Options, program: Program | undefined): Promise<Outcome> {
    const language = program ? await serve(program) : undefined;
    const events: EngineEventBody[] = [];
    const journal = new MemoryJournal(this.snapshot);
    const request: DeploymentRequest = {
      project,
      stack,
      organization: "organization",
      projectFolder: process.cwd(),
      programFolder: process.cwd(),
      config: {},
      configSecretKeys: [],
      runProgram: false,
      refresh: false,
      targets: [],
      excludes: [],
      replaces: [],
      targetDependents: false,
      excludeDependents: false,
      excludeProtected: false,
      clearPendingCreates: false,
      continueOnError: false,
      parallel: 8,
      packages: this.#packages,
      environment: {},
      ...given,
      previous: this.snapshot,
      languageRuntime: language?.address,
    };
    const ports: DeploymentPorts = {
      emit: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
      journal: request.dryRun ? undefined : (options.journal ?? journal),
      readStackOutputs: options.readStackOutputs ?? (async (name) => Promise.reject(new Error(`unknown stack "${name}"`))),
      cancellation: { cancel: (options.cancel ?? new AbortController()).signal, terminate: (options.terminate ?? new AbortController()).signal },
    };
    try {
      const result = await runDeployment(request, ports);
      if (!request.dryRun) this.snapshot = checked(result.snapshot, journal, options.journal === undefined);
      return { ...result, events, journal };
    } finally {
      language?.stop();
    }
  }
}

/** Fails for a snapshot that the next run couldn't rely on, or that differs from what the journal was told. */
function checked(snapshot: Snapshot, journal: MemoryJournal, compare: boolean): Snapshot {
  const seen = new Set<string>();
  for (const state of snapshot.resources) {
    const missing = requiredUrns(state).find((urn) => !seen.has(urn));
    if (missing) throw new Error(`${state.urn} stands before ${missing}, which it needs`);
    seen.add(state.urn);
  }
  if (compare && !isDeepStrictEqual(snapshot, journal.model.snapshot())) throw new Error("the journal tells another story than the result");
  return snapshot;
}

/** Serves a program the way the Automation API does. */
async function serve(program: Program): Promise<{ address: string; stop(): void }> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  // The SDK keeps the class out of its published types.
  const { LanguageServer } = (sdkServer as unknown as { default: { LanguageServer: new (program: Program) => grpc.UntypedServiceImplementation } }).default;
  const language = new LanguageServer(program);
  server.addService(languageGrpc.LanguageRuntimeService as never, language);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

/** Calls of a fake provider, in order. */
export interface Call {
  readonly method: string;
  readonly name: string;
  readonly request: unknown;
}

/**
 * A package whose resources store their inputs as outputs under ids `name-1`, `name-2` …; each method can be replaced.
 * Unlike a real one it keeps nothing outside the process: `read` answers what it is asked about.
 */
export function fakePackage(
  overrides: Partial<Provider> | ((host: ProviderHost) => Partial<Provider>) = {},
  name = "fake",
  version = "1.0.0",
): ProviderPackage & { readonly calls: Call[] } {
  const calls: Call[] = [];
  let made = 0;
  const base: Provider = {
    checkConfig: async ({ news }) => ({ inputs: news, failures: [] }),
    diffConfig: async () => ({ changes: "unknown", replaces: [], diffs: [], deleteBeforeReplace: false }),
    configure: async () => ({ acceptSecrets: true, acceptResources: true, acceptOutputs: false, supportsPreview: true, supportsAutonaming: false }),
    check: async ({ news }) => ({ inputs: news, failures: [] }),
    diff: async () => ({ changes: "unknown", replaces: [], diffs: [], deleteBeforeReplace: false }),
    create: async ({ inputs, preview, name: resource }) => ({ id: preview ? "" : `${resource}-${++made}`, outputs: inputs }),
    read: async ({ id, inputs, outputs }) => ({ id, inputs, outputs }),
    update: async ({ news }) => ({ outputs: news }),
    delete: async () => undefined,
    invoke: async ({ args }) => ({ result: args, failures: [] }),
    cancel: async () => undefined,
    close: async () => undefined,
  };
  const open = (host: ProviderHost) => {
    const provider = { ...base, ...(typeof overrides === "function" ? overrides(host) : overrides) };
    return Object.fromEntries(
      Object.entries(provider).map(([method, call]) => [
        method,
        async (request?: { readonly name?: string; readonly urn?: string }) => {
          calls.push({ method, name: request?.name ?? request?.urn?.split("::").at(-1) ?? "", request });
          return await (call as (request: unknown) => Promise<unknown>).call(provider, request);
        },
      ]),
    ) as unknown as Provider;
  };
  return { name, version, calls, open };
}

/** `op name` of every step that the events announce, default providers and the stack left out. */
export function stepsOf({ events }: Pick<Outcome, "events">): string[] {
  return metadataOf(events, "resourcePreEvent").map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`);
}

export function metadataOf(events: readonly EngineEventBody[], kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent") {
  return events
    .flatMap((event) => event[kind]?.metadata ?? [])
    .filter(({ type, urn }) => type !== "pulumi:pulumi:Stack" && !(type.startsWith("pulumi:providers:") && urn.split("::").at(-1)!.startsWith("default")));
}

/** `severity: text` of every diagnostic, without colours. */
export function diagnosticsOf({ events }: Pick<Outcome, "events">): string[] {
  return events.flatMap(({ diagnosticEvent }) =>
    diagnosticEvent ? [`${diagnosticEvent.severity}: ${diagnosticEvent.message.replaceAll(/<\{%[^%]*%\}>/g, "").trim()}`] : [],
  );
}

export function summaryOf({ events }: Pick<Outcome, "events">): EngineEvent["summaryEvent"] & { readonly result?: string } {
  const found = events.flatMap(({ summaryEvent }) => summaryEvent ?? []);
  if (found.length !== 1) throw new Error(`expected one summary, got ${found.length}`);
  return found[0]!;
}

export function urnOf(type: string, name: string): Urn {
  return `urn:pulumi:${stack}::${project}::${type}::${name}` as Urn;
}
