import {
  containsSecrets,
  containsUnknowns,
  isPropertyMap,
  mapEntries,
  type PropertyMap,
  type PropertyValue,
  ResourceReference,
  Secret,
  unwrapSecrets,
} from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";
import { annotateSecrets } from "#engine/values/secret-annotations.ts";
import {
  type CheckRequest,
  type CheckResponse,
  type ConstructRequest,
  type ConstructResponse,
  type CreateRequest,
  type CreateResponse,
  type DeleteRequest,
  type DiffRequest,
  type DiffResponse,
  InitFailedError,
  type InvokeRequest,
  type InvokeResponse,
  type Provider,
  type ProviderCapabilities,
  ProviderError,
  type ReadRequest,
  type ReadResponse,
  type UpdateRequest,
  type UpdateResponse,
} from "#providers/contract.ts";

/** What the steps ask of whatever manages a resource: an ordinary provider, or the registry for provider resources. */
export interface ResourceManager {
  /** With `mustName`, people are told when the provider can't follow the configured naming. */
  check(request: CheckRequest, mustName?: boolean): Promise<CheckResponse>;
  diff(request: DiffRequest): Promise<DiffResponse>;
  create(request: CreateRequest): Promise<CreateResponse>;
  read(request: ReadRequest): Promise<ReadResponse>;
  update(request: UpdateRequest): Promise<UpdateResponse>;
  delete(request: DeleteRequest): Promise<void>;
}

/** The provider can't tell, because its configuration isn't known in this preview. */
export class DiffUnavailableError extends Error {
  constructor() {
    super(
      "The provider for this resource has inputs that are not known during preview.\n" +
        "This preview may not correctly represent the changes that will be applied during an update.",
    );
    this.name = "DiffUnavailableError";
  }
}

/**
 * One loaded provider as the engine uses it: sends what the provider understands, marks secrets in the answers of one that doesn't understand them,
 * and answers for one whose configuration isn't known. Mirrors pulumi/pulumi:pkg/resource/plugin/provider_plugin.go (v3.259.0).
 */
export class ProviderHandle implements ResourceManager {
  readonly packageName: string;
  readonly #provider: Provider;
  readonly #warn: (urn: Urn, message: string) => void;
  /** Settles when the provider is configured; `undefined` in it means that the configuration isn't known. */
  #capabilities: Promise<ProviderCapabilities | undefined> | undefined;
  #closed = false;

  constructor(packageName: string, provider: Provider, warn: (urn: Urn, message: string) => void) {
    this.packageName = packageName;
    this.#provider = provider;
    this.#warn = warn;
  }

  async checkConfig(request: CheckRequest): Promise<CheckResponse> {
    const plain = { ...request, olds: request.olds && unwrapSecrets(request.olds), news: unwrapSecrets(request.news) };
    const response = await orIfUnimplemented(this.#provider.checkConfig(plain), { inputs: plain.news, failures: [] });
    return { ...response, inputs: annotateSecrets(response.inputs, request.news) };
  }

  async diffConfig(request: DiffRequest): Promise<DiffResponse> {
    const plain = { ...request, oldInputs: unwrapSecrets(request.oldInputs), oldOutputs: unwrapSecrets(request.oldOutputs), news: unwrapSecrets(request.news) };
    return await orIfUnimplemented(this.#provider.diffConfig(plain), { changes: "unknown", replaces: [], diffs: [], deleteBeforeReplace: false });
  }

  /** Begins to configure the provider; a failure shows at its first use. */
  configure(urn: Urn, id: string, inputs: PropertyMap): void {
    const isKnown = Object.entries(inputs).every(([key, value]) => key === "version" || !containsUnknowns(value));
    this.#capabilities = isKnown ? this.#provider.configure({ urn, id, inputs }) : Promise.resolve(undefined);
    this.#capabilities.catch(() => undefined);
  }

  async check({ autonaming, ...request }: CheckRequest, mustName = false): Promise<CheckResponse> {
    const can = await this.#configured();
    if (!can) return { inputs: request.news, failures: [] };
    if (autonaming && !can.supportsAutonaming && mustName) this.#warn(request.urn, unnamableText(request.urn));
    const response = await this.#provider.check({
      ...request,
      olds: request.olds && outgoing(request.olds, can),
      news: outgoing(request.news, can),
      ...(autonaming && can.supportsAutonaming ? { autonaming } : {}),
    });
    return can.acceptSecrets ? response : { ...response, inputs: annotateSecrets(response.inputs, request.news) };
  }

  async diff(request: DiffRequest): Promise<DiffResponse> {
    const can = await this.#configured();
    if (!can) throw new DiffUnavailableError();
    return await this.#provider.diff({
      ...request,
      oldInputs: outgoing(request.oldInputs, can),
      oldOutputs: outgoing(request.oldOutputs, can),
      news: outgoing(request.news, can),
    });
  }

  async create(request: CreateRequest): Promise<CreateResponse> {
    const can = await this.#configured();
    if (request.preview && !can) return { id: "", outputs: {} };
    if (request.preview && !can?.supportsPreview) return { id: "", outputs: request.inputs };
    const capabilities = this.#known(can, "create");
    const response = await this.#marked(this.#provider.create({ ...request, inputs: outgoing(request.inputs, capabilities) }), capabilities, request.inputs);
    if (!response.id && !request.preview) throw new ProviderError("unknown", `plugin returned empty resource.ID from create '${request.urn}'`);
    return response;
  }

  async read(request: ReadRequest): Promise<ReadResponse> {
    const can = await this.#configured();
    if (!can) return { id: undefined, inputs: {}, outputs: {} };
    const sent = { ...request, inputs: outgoing(request.inputs, can), outputs: outgoing(request.outputs, can) };
    if (can.acceptSecrets) return await this.#provider.read(sent);
    const response = await this.#marked(this.#provider.read(sent), can, request.outputs, request.inputs);
    return { ...response, inputs: response.inputs && annotateSecrets(response.inputs, request.inputs) };
  }

  async update(request: UpdateRequest): Promise<UpdateResponse> {
    const can = await this.#configured();
    if (request.preview && !can) return { outputs: {} };
    if (request.preview && !can?.supportsPreview) return { outputs: request.news };
    const capabilities = this.#known(can, "update");
    const sent = {
      ...request,
      oldInputs: outgoing(request.oldInputs, capabilities),
      oldOutputs: outgoing(request.oldOutputs, capabilities),
      news: outgoing(request.news, capabilities),
    };
    return await this.#marked(this.#provider.update(sent), capabilities, request.news);
  }

  async delete(request: DeleteRequest): Promise<void> {
    const can = this.#known(await this.#configured(), "delete");
    await this.#provider.delete({ ...request, oldInputs: outgoing(request.oldInputs, can), oldOutputs: outgoing(request.oldOutputs, can) });
  }

  async invoke(request: InvokeRequest): Promise<InvokeResponse> {
    const can = await this.#configured();
    if (!can) return { result: {}, failures: [] };
    const response = await this.#provider.invoke({ ...request, args: outgoing(request.args, can) });
    if (can.acceptSecrets || !containsSecrets(request.args)) return response;
    return { ...response, result: mapEntries(response.result, (value) => (value instanceof Secret ? value : new Secret(value))) };
  }

  /** Whether the configuration holds unknowns, so that remote components can't be built in this preview. */
  async isConfigured(): Promise<boolean> {
    return (await this.#configured()) !== undefined;
  }

  async construct(request: ConstructRequest): Promise<ConstructResponse> {
    const construct = this.#provider.construct?.bind(this.#provider);
    if (!construct) throw new ProviderError("unimplemented", `package '${this.packageName}' has no remote components, so it can't construct '${request.type}'`);
    const can = this.#known(await this.#configured(), "construct");
    if (!can.acceptSecrets) throw new ProviderError("failed-precondition", "plugins that can construct components must support secrets");
    return await construct({ ...request, inputs: outgoing(request.inputs, can) });
  }

  async cancel(): Promise<void> {
    await this.#provider.cancel();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#provider.close();
  }

  async #configured(): Promise<ProviderCapabilities | undefined> {
    if (!this.#capabilities) throw new Error(`the provider of package '${this.packageName}' is used before it was configured`);
    return await this.#capabilities;
  }

  #known(capabilities: ProviderCapabilities | undefined, verb: string): ProviderCapabilities {
    if (!capabilities)
      throw new ProviderError("failed-precondition", `the provider of package '${this.packageName}' can't ${verb} while its configuration isn't known`);
    return capabilities;
  }

  /** The answer with secrets marked, also when it comes as a partial failure. */
  async #marked<T extends { readonly outputs: PropertyMap }>(
    answer: Promise<T>,
    can: ProviderCapabilities,
    outputs: PropertyMap,
    inputs: PropertyMap = outputs,
  ): Promise<T> {
    if (can.acceptSecrets) return await answer;
    try {
      const response = await answer;
      return { ...response, outputs: annotateSecrets(response.outputs, outputs) };
    } catch (error) {
      if (!(error instanceof InitFailedError)) throw error;
      throw new InitFailedError(error.message, {
        id: error.id,
        ...(error.inputs ? { inputs: annotateSecrets(error.inputs, inputs) } : {}),
        outputs: annotateSecrets(error.outputs, outputs),
        reasons: error.reasons,
      });
    }
  }
}

function unnamableText(urn: Urn): string {
  return `${urn} resource has a custom autonaming setting but the provider does not support autonaming configuration, consider upgrading to a newer version`;
}

async function orIfUnimplemented<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProviderError && error.status === "unimplemented") return otherwise;
    throw error;
  }
}

function outgoing(bag: PropertyMap, can: ProviderCapabilities): PropertyMap {
  const plain = can.acceptSecrets ? bag : unwrapSecrets(bag);
  return can.acceptResources ? plain : mapEntries(plain, withoutReferences);
}

function withoutReferences(value: PropertyValue): PropertyValue {
  if (value instanceof ResourceReference) return value.id ?? value.urn;
  if (value instanceof Secret) return new Secret(withoutReferences(value.element));
  if (Array.isArray(value)) return value.map(withoutReferences);
  return isPropertyMap(value) ? mapEntries(value, withoutReferences) : value;
}
