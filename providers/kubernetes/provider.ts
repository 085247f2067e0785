import type {
  CheckRequest,
  CheckResponse,
  ConfigureRequest,
  ConstructRequest,
  ConstructResponse,
  CreateRequest,
  CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  InvokeRequest,
  InvokeResponse,
  Provider,
  ProviderCapabilities,
  ProviderHost,
  ReadRequest,
  ReadResponse,
  UpdateRequest,
  UpdateResponse,
} from "#providers/contract.ts";
import { ProviderError } from "#providers/contract.ts";
import { SharedWatches } from "#providers/kubernetes/await/shared-watches.ts";
import { checkResource } from "#providers/kubernetes/check.ts";
import { configFailures } from "#providers/kubernetes/check-config.ts";
import { constructComponent } from "#providers/kubernetes/components/construct.ts";
import { connect } from "#providers/kubernetes/connection.ts";
import { ProviderContext } from "#providers/kubernetes/context.ts";
import { createResource } from "#providers/kubernetes/create.ts";
import { deleteResource } from "#providers/kubernetes/delete.ts";
import { diffResource } from "#providers/kubernetes/diff.ts";
import { diffConfig } from "#providers/kubernetes/diff-config.ts";
import { HelmCommand } from "#providers/kubernetes/helm/helm-command.ts";
import { invokeFunction } from "#providers/kubernetes/invoke.ts";
import { buildKustomization } from "#providers/kubernetes/manifest/kustomize.ts";
import { readResource } from "#providers/kubernetes/read.ts";
import { releaseType } from "#providers/kubernetes/release/release-inputs.ts";
import { checkRelease, createRelease, deleteRelease, diffRelease, readReleaseResource, updateRelease } from "#providers/kubernetes/release/release-resource.ts";
import { settingsOf } from "#providers/kubernetes/settings.ts";
import { updateResource } from "#providers/kubernetes/update.ts";

export interface KubernetesProviderOptions {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly helm: string | (() => Promise<string>);
  readonly kubectl: string | (() => Promise<string>);
}

/** One configured kubernetes provider. */
export class KubernetesProvider implements Provider {
  readonly #host: ProviderHost;
  readonly #options: KubernetesProviderOptions;
  readonly #cancelled = new AbortController();
  #context: ProviderContext | undefined;

  constructor(host: ProviderHost, options: KubernetesProviderOptions) {
    this.#host = host;
    this.#options = options;
  }

  async checkConfig(request: CheckRequest): Promise<CheckResponse> {
    return { inputs: request.news, failures: configFailures(request.urn, request.news, this.#options.environment) };
  }

  async diffConfig(request: DiffRequest): Promise<DiffResponse> {
    return diffConfig(request.oldInputs, request.news, this.#workingFolder);
  }

  async configure(request: ConfigureRequest): Promise<ProviderCapabilities> {
    const workingFolder = this.#workingFolder;
    const settings = settingsOf(request.inputs, this.#options.environment, workingFolder);
    const connection = await connect(settings, this.#options.environment, workingFolder);
    const { environment, helm: program, kubectl } = this.#options;
    const cancelled = this.#cancelled.signal;
    const cluster = connection.reachable ? connection.entries : undefined;
    this.#context = new ProviderContext({
      host: this.#host,
      settings,
      connection,
      workingFolder,
      watches: connection.reachable ? new SharedWatches(connection.cluster) : undefined,
      cancelled,
      helm: new HelmCommand({ program, environment, workingFolder, settings: settings.helm, cluster, cancelled }),
      kustomize: (directory, flags) => buildKustomization(directory, flags, { program: kubectl, environment, folder: workingFolder, signal: cancelled }),
    });
    return { acceptSecrets: true, acceptResources: false, acceptOutputs: false, supportsPreview: true, supportsAutonaming: true };
  }

  check(request: CheckRequest): Promise<CheckResponse> {
    const context = this.#configured();
    return request.type === releaseType ? checkRelease(context, request) : checkResource(context, request);
  }

  async diff(request: DiffRequest): Promise<DiffResponse> {
    return request.type === releaseType ? diffRelease(request) : diffResource(this.#configured(), request);
  }

  create(request: CreateRequest): Promise<CreateResponse> {
    const context = this.#configured();
    return request.type === releaseType ? createRelease(context, request) : createResource(context, request);
  }

  read(request: ReadRequest): Promise<ReadResponse> {
    const context = this.#configured();
    return request.type === releaseType ? readReleaseResource(context, request) : readResource(context, request);
  }

  update(request: UpdateRequest): Promise<UpdateResponse> {
    const context = this.#configured();
    return request.type === releaseType ? updateRelease(context, request) : updateResource(context, request);
  }

  delete(request: DeleteRequest): Promise<void> {
    const context = this.#configured();
    return request.type === releaseType ? deleteRelease(context, request) : deleteResource(context, request);
  }

  invoke(request: InvokeRequest): Promise<InvokeResponse> {
    return invokeFunction(this.#configured(), request);
  }

  construct(request: ConstructRequest): Promise<ConstructResponse> {
    return constructComponent(this.#configured(), request, this.#options.version);
  }

  async cancel(): Promise<void> {
    this.#cancelled.abort();
  }

  async close(): Promise<void> {
    this.#cancelled.abort();
    this.#context?.watches?.close();
    await this.#context?.helm.close();
    if (this.#context?.connection.reachable) await this.#context.connection.cluster.client.close();
  }

  get #workingFolder(): string {
    return this.#host.workingFolder ?? process.cwd();
  }

  #configured(): ProviderContext {
    if (this.#context) return this.#context;
    throw new ProviderError("failed-precondition", "the kubernetes provider isn't configured yet");
  }
}
