import { equalValues, mapEntries, type PropertyMap, Unknown, unwrapSecrets } from "#core/property-value.ts";
import { parseUrn, type Urn } from "#core/urn.ts";
import type { Values } from "#providers/bridged/attribute.ts";
import { asSecret, checkFailures, markSensitive } from "#providers/bridged/check-inputs.ts";
import { decode } from "#providers/bridged/decode.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import { encode } from "#providers/bridged/encode.ts";
import { importedInputs, refreshedInputs } from "#providers/bridged/inputs-from-state.ts";
import { changedAttributes, plan } from "#providers/bridged/plan.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";
import { outputsOf, stateOf, withDelta } from "#providers/bridged/state.ts";
import {
  type CheckFailure,
  type CheckRequest,
  type CheckResponse,
  type ConfigureRequest,
  type CreateRequest,
  type CreateResponse,
  type DeleteRequest,
  type DiffRequest,
  type DiffResponse,
  type InvokeRequest,
  type InvokeResponse,
  type Provider,
  type ProviderCapabilities,
  ProviderError,
  type ProviderHost,
  type ReadRequest,
  type ReadResponse,
  type UpdateRequest,
  type UpdateResponse,
} from "#providers/contract.ts";

/** What a function may need besides its arguments. */
export interface FunctionContext {
  /** The provider's own inputs. */
  readonly config: PropertyMap;
  /** Aborted when the provider is cancelled. */
  readonly signal: AbortSignal;
}

/** A function of the package. Throws {@link Diagnostic}. */
export type BridgedFunction = (args: PropertyMap, context: FunctionContext) => InvokeResponse | Promise<InvokeResponse>;

export interface BridgedDefinition {
  readonly name: string;
  readonly kinds: readonly ResourceKind[];
  readonly functions?: Readonly<Record<string, BridgedFunction>>;
  /** Checks the provider's own inputs, whose nested values may come as JSON text. Answers one reason per fault. @default no inputs allowed */
  readonly checkConfig?: (inputs: PropertyMap, urn: Urn) => readonly string[];
  /** Keys of the provider's own inputs that hold secrets. @default none */
  readonly secretConfig?: (inputs: PropertyMap) => readonly string[];
}

/**
 * A provider as Pulumi's bridge makes it of a Terraform plugin-framework provider: same checks, plans, states and messages.
 * Mirrors pulumi/pulumi-terraform-bridge:pkg/pf/tfbridge (v3.137.0).
 */
export class BridgedProvider implements Provider {
  readonly #definition: BridgedDefinition;
  readonly #host: ProviderHost;
  readonly #kinds: ReadonlyMap<string, ResourceKind>;
  readonly #cancelled = new AbortController();
  #config: PropertyMap = {};

  constructor(definition: BridgedDefinition, host: ProviderHost) {
    this.#definition = definition;
    this.#host = host;
    this.#kinds = new Map(definition.kinds.map((kind) => [kind.type, kind]));
  }

  async checkConfig(request: CheckRequest): Promise<CheckResponse> {
    const reasons = this.#definition.checkConfig?.(unwrapSecrets(request.news), request.urn) ?? this.#unknownConfigKeys(request);
    const secret = this.#definition.secretConfig?.(unwrapSecrets(request.news)) ?? [];
    const inputs = mapEntries(request.news, (value, key) => (secret.includes(key) ? asSecret(value) : value));
    return { inputs, failures: reasons.map((reason): CheckFailure => ({ property: "", reason })) };
  }

  /** None of the bridged packages keeps resources behind its configuration, so a change never replaces the provider. */
  async diffConfig(request: DiffRequest): Promise<DiffResponse> {
    const [olds, news] = [unwrapSecrets(request.oldInputs), unwrapSecrets(request.news)];
    const changed = Object.keys({ ...olds, ...news }).filter((key) => !equalValues(olds[key], news[key]));
    return { changes: changed.length ? "some" : "none", replaces: [], diffs: changed, deleteBeforeReplace: false };
  }

  async configure(request: ConfigureRequest): Promise<ProviderCapabilities> {
    this.#config = unwrapSecrets(request.inputs);
    return { acceptSecrets: false, acceptResources: true, acceptOutputs: false, supportsPreview: true, supportsAutonaming: false };
  }

  async check({ type, urn, news }: CheckRequest): Promise<CheckResponse> {
    const kind = this.#kind(type);
    const config = this.#encodeInputs(news, kind);
    for (const [name, { deprecation }] of Object.entries(kind.attributes))
      if (deprecation !== undefined && (config[name] ?? null) !== null && !(config[name] instanceof Unknown))
        this.#host.log("warning", `[WARNING] property "${name}" is deprecated: ${deprecation}`, { urn });
    return { inputs: markSensitive(news, kind.attributes), failures: checkFailures(kind, config, urn) };
  }

  async diff(request: DiffRequest): Promise<DiffResponse> {
    const kind = this.#kind(request.type);
    return this.#explaining(request.urn, async () => {
      const prior = await stateOf(kind, request.oldOutputs);
      const { planned, replaces } = plan(kind, encode(request.news, kind.attributes), prior);
      const changed = changedAttributes(planned, prior);
      return { changes: changed.length ? "some" : "none", replaces: [...replaces].sort(), diffs: changed, deleteBeforeReplace: false };
    });
  }

  async create(request: CreateRequest): Promise<CreateResponse> {
    const kind = this.#kind(request.type);
    return this.#explaining(request.urn, async () => {
      const config = encode(request.inputs, kind.attributes);
      const { planned } = plan(kind, config, undefined);
      if (request.preview) return { id: "", outputs: decode(planned, kind.attributes) };
      const state = await kind.create(planned, config, (warning) => this.#show("warning", warning, request.urn));
      return { id: idOf(kind, state), outputs: outputsOf(kind, state) };
    });
  }

  async read(request: ReadRequest): Promise<ReadResponse> {
    const kind = this.#kind(request.type);
    return this.#explaining(request.urn, async () => {
      if (Object.keys(request.outputs).length === 0) {
        const state = await this.#import(kind, request.id);
        const outputs = outputsOf(kind, state);
        return { id: idOf(kind, state), inputs: importedInputs(outputs, kind.attributes), outputs };
      }
      const former = await stateOf(kind, request.outputs);
      const state = kind.read?.(former) ?? former;
      const outputs = withDelta(outputsOf(kind, state, request.outputs), request.outputs);
      return { id: idOf(kind, state) || request.id, inputs: refreshedInputs(request.inputs, outputs), outputs };
    });
  }

  async update(request: UpdateRequest): Promise<UpdateResponse> {
    const kind = this.#kind(request.type);
    return this.#explaining(request.urn, async () => {
      const prior = await stateOf(kind, request.oldOutputs);
      const { planned } = plan(kind, encode(request.news, kind.attributes), prior);
      return { outputs: request.preview ? decode(planned, kind.attributes) : outputsOf(kind, planned, request.oldOutputs) };
    });
  }

  /** There is nothing outside the state to be deleted. */
  async delete(request: DeleteRequest): Promise<void> {
    this.#kind(request.type);
  }

  async invoke(request: InvokeRequest): Promise<InvokeResponse> {
    const run = this.#definition.functions?.[request.token];
    if (!run) throw new ProviderError("unimplemented", `[pf/tfbridge] unknown datasource token: ${request.token}`);
    return run(unwrapSecrets(request.args), { config: this.#config, signal: this.#cancelled.signal });
  }

  async cancel(): Promise<void> {
    this.#cancelled.abort(new ProviderError("cancelled", "the operation was cancelled"));
  }

  async close(): Promise<void> {
    await this.cancel();
  }

  #kind(type: string): ResourceKind {
    const kind = this.#kinds.get(type);
    if (!kind) throw new ProviderError("unimplemented", `[pf/tfbridge] unknown resource token: ${type}`);
    return kind;
  }

  #encodeInputs(news: PropertyMap, kind: ResourceKind): Values {
    try {
      return encode(news, kind.attributes);
    } catch (error) {
      throw new Error(`cannot encode resource inputs to call ValidateResourceConfig: ${(error as Error).message}`, { cause: error });
    }
  }

  async #import(kind: ResourceKind, id: string): Promise<Values> {
    if (!kind.import)
      throw new Diagnostic(
        "Resource Import Not Implemented",
        "This resource does not support import. Please contact the provider developer for additional information.",
      );
    return kind.import(id);
  }

  /** Runs a call; a diagnostic that ends it is also shown beside the resource, as the bridge does. */
  async #explaining<T>(urn: Urn, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof Diagnostic) this.#show("error", error, urn);
      throw error;
    }
  }

  #show(severity: "warning" | "error", { detail, summary }: Diagnostic, urn: Urn): void {
    this.#host.log(severity, `[${severity.toUpperCase()}] ${detail}: ${summary}`, { urn });
  }

  #unknownConfigKeys({ urn, news }: CheckRequest): string[] {
    return Object.keys(news)
      .filter((key) => key !== "version" && key !== "pluginDownloadURL" && !key.startsWith("__"))
      .map((key) => unknownConfigKey(this.#definition.name, key, urn));
  }
}

function idOf(kind: ResourceKind, state: Values): string {
  const id = kind.idOf ? kind.idOf(state) : state["id"];
  return typeof id === "string" ? id : "";
}

/** The bridge's sentence about a key that the provider's configuration doesn't have. */
export function unknownConfigKey(pkg: string, key: string, urn: Urn): string {
  const { name } = parseUrn(urn);
  return name.startsWith("default")
    ? `\`${pkg}:${key}\` is not a valid configuration key for the ${pkg} provider. If the referenced key is not intended for the provider, please choose a different namespace from \`${pkg}:\`.`
    : `could not validate provider configuration: Invalid or unknown key. Examine values at '${name}.${key}'.`;
}
