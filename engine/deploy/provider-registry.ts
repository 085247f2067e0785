import { randomUUID } from "node:crypto";
import type { PropertyMap, PropertyValue } from "#core/property-value.ts";
import { isPropertyMap, mapEntries } from "#core/property-value.ts";
import { parseUrn, type Urn } from "#core/urn.ts";
import { unknownString } from "#core/wire-value.ts";
import type { Diagnostics } from "#engine/deploy/diagnostics.ts";
import { ProviderHandle, type ResourceManager } from "#engine/deploy/provider-handle.ts";
import { isProviderType, makeReference, packageOfProviderType } from "#engine/deploy/provider-reference.ts";
import type { Slots } from "#engine/deploy/slots.ts";
import type { ProviderReference, ResourceState } from "#engine/state/resource-state.ts";
import { equalBags } from "#engine/values/value-diff.ts";
import type {
  CheckRequest,
  CheckResponse,
  CreateRequest,
  CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  ProviderHost,
  ProviderPackage,
  ReadResponse,
  UpdateRequest,
  UpdateResponse,
} from "#providers/contract.ts";

/** Key of a provider resource's inputs that only the engine reads. */
export const internalKey = "__internal";
/** Id under which a provider is kept between its check and its step. */
const unconfigured = "unconfigured";

/**
 * The loaded providers, and the manager of provider resources: creating one configures it under a new id.
 * Mirrors pulumi/pulumi:pkg/resource/deploy/providers/registry.go (v3.259.0).
 */
export class ProviderRegistry implements ResourceManager {
  readonly #packages: ReadonlyMap<string, ProviderPackage>;
  readonly #diagnostics: Diagnostics;
  /** Where the steps run that call the providers. */
  readonly #slots: Slots;
  readonly #workingFolder: string;
  readonly #handles = new Map<ProviderReference, ProviderHandle>();
  /** Former URN of a provider that was renamed by an alias. */
  readonly #aliases = new Map<Urn, Urn>();
  readonly #opened = new Set<ProviderHandle>();

  constructor(packages: ReadonlyMap<string, ProviderPackage>, diagnostics: Diagnostics, slots: Slots, workingFolder: string) {
    this.#packages = packages;
    this.#diagnostics = diagnostics;
    this.#slots = slots;
    this.#workingFolder = workingFolder;
  }

  get(reference: ProviderReference): ProviderHandle | undefined {
    return this.#handles.get(reference);
  }

  registerAlias(urn: Urn, former: Urn): void {
    if (urn !== former) this.#aliases.set(urn, former);
  }

  async check(request: CheckRequest): Promise<CheckResponse> {
    const problem = malformedInput(request.news);
    if (problem) return { inputs: request.news, failures: [problem] };
    const handle = this.#load(request.urn);
    const response = await handle.checkConfig({ ...request, olds: request.olds && configOf(request.olds), news: configOf(request.news) });
    if (response.failures.length) {
      await this.#close(handle);
      return response;
    }
    this.#put(request.urn, unconfigured, handle);
    const inputs: PropertyMap = { ...response.inputs };
    const version = request.news["version"];
    if (version !== undefined) {
      const answered = inputs["version"];
      if (answered !== undefined && answered !== version)
        throw new Error(`provider "${request.urn}" attempted to change version from "${String(version)}" to "${String(answered)}"`);
      inputs["version"] = version;
    }
    const internal = request.news[internalKey];
    if (internal !== undefined) inputs[internalKey] = internal;
    return { inputs, failures: [] };
  }

  async diff(request: DiffRequest): Promise<DiffResponse> {
    const handle = this.get(makeReference(request.urn, unconfigured)) ?? this.get(makeReference(request.urn, request.id));
    if (!handle) throw new Error(`provider ${request.urn} is compared before it was loaded`);
    const news = configOf(request.news);
    const diff = await handle.diffConfig({ ...request, oldInputs: configOf(request.oldInputs), news });
    if (diff.changes !== "unknown") return diff;
    return { ...diff, changes: equalBags(request.oldOutputs, news) ? "none" : "some" };
  }

  async create(request: CreateRequest): Promise<CreateResponse> {
    const handle = this.#take(request.urn) ?? this.#load(request.urn);
    const id = request.preview ? unknownString : randomUUID();
    const outputs = configOf(request.inputs);
    handle.configure(request.urn, id, outputs);
    this.#put(request.urn, id, handle);
    return { id, outputs };
  }

  async update(request: UpdateRequest): Promise<UpdateResponse> {
    const handle = this.#take(request.urn);
    if (!handle) throw new Error(`provider ${request.urn} is updated before it was checked`);
    const outputs = configOf(request.news);
    handle.configure(request.urn, request.id, outputs);
    const former = this.get(makeReference(request.urn, request.id));
    this.#put(request.urn, request.id, handle);
    if (former) await this.#close(former);
    return { outputs };
  }

  async delete(request: DeleteRequest): Promise<void> {
    const reference = makeReference(request.urn, request.id);
    const handle = this.get(reference);
    this.#handles.delete(reference);
    if (handle) await this.#close(handle);
  }

  async read(): Promise<ReadResponse> {
    throw new Error("provider resources may not be read");
  }

  /** Makes the provider of an unchanged state usable with its stored configuration. `fromCheck` takes the one that was just checked. */
  async same(state: ResourceState, fromCheck: boolean): Promise<void> {
    if (!isProviderType(parseUrn(state.urn).type)) throw new Error(`urn ${state.urn} is not a provider type`);
    if (!state.id || state.id === unknownString) throw new Error(`provider '${state.urn}' has an unknown ID`);
    const reference = makeReference(state.urn, state.id);
    if (this.#handles.has(reference)) return;
    const handle = (fromCheck ? this.#take(state.urn) : undefined) ?? this.#load(state.urn);
    handle.configure(state.urn, state.id, configOf(state.inputs));
    this.#put(state.urn, state.id, handle);
  }

  /** Asks every provider to bring calls under way to an end. */
  async cancelAll(): Promise<void> {
    await Promise.all([...this.#opened].map((handle) => handle.cancel().catch((error) => this.#diagnostics.log("debug", String(error)))));
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#opened].map((handle) => this.#close(handle)));
  }

  #load(urn: Urn): ProviderHandle {
    const name = packageOfProviderType(parseUrn(urn).type);
    const found = this.#packages.get(name);
    if (!found) throw new Error(missingPackage(name, [...this.#packages.keys()]));
    const host: ProviderHost = {
      log: (severity, message, options) => this.#diagnostics.log(severity, message, options),
      whileWaiting: async (work) => await this.#slots.whileWaiting(work),
      workingFolder: this.#workingFolder,
    };
    const handle = new ProviderHandle(name, found.open(host), (urn, message) => this.#diagnostics.warning(urn, message));
    this.#opened.add(handle);
    return handle;
  }

  #put(urn: Urn, id: string, handle: ProviderHandle): void {
    this.#handles.set(makeReference(urn, id), handle);
    const former = this.#aliases.get(urn);
    if (former) this.#handles.set(makeReference(former, id), handle);
  }

  #take(urn: Urn): ProviderHandle | undefined {
    const reference = makeReference(urn, unconfigured);
    const handle = this.#handles.get(reference);
    this.#handles.delete(reference);
    return handle;
  }

  async #close(handle: ProviderHandle): Promise<void> {
    this.#opened.delete(handle);
    try {
      await handle.close();
    } catch (error) {
      this.#diagnostics.log("debug", `closing a provider of package '${handle.packageName}' failed: ${String(error)}`);
    }
  }
}

/** Provider inputs as the provider sees them. */
export function configOf(inputs: PropertyMap): PropertyMap {
  return internalKey in inputs ? mapEntries(inputs, (value, key) => (key === internalKey ? undefined : value)) : inputs;
}

function malformedInput(inputs: PropertyMap): { property: string; reason: string } | undefined {
  const internal: PropertyValue | undefined = inputs[internalKey];
  if (internal !== undefined && !isPropertyMap(internal)) return { property: internalKey, reason: `'${internalKey}' must be an object` };
  const version = inputs["version"];
  if (version !== undefined && typeof version !== "string") return { property: "version", reason: "'version' must be a string" };
  return undefined;
}

function missingPackage(name: string, served: readonly string[]): string {
  if (name === "pulumi-nodejs")
    return "dynamic providers (package 'pulumi-nodejs') aren't supported by the embedded engine; use a resource of an ordinary package, or run the stack with the Pulumi CLI";
  return `no provider for package '${name}' is available to the embedded engine, which serves ${served.map((one) => `'${one}'`).join(", ")}; run the stack with the Pulumi CLI to use its plugin`;
}
