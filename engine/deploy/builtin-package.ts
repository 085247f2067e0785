import { randomUUID } from "node:crypto";
import { containsSecrets, type PropertyMap, type PropertyValue, Unknown, unwrapSecrets } from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";
import type { StackOutputs } from "#engine/deploy/deployment.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";
import { equalBags } from "#engine/values/value-diff.ts";
import {
  type CheckRequest,
  type CheckResponse,
  type CreateRequest,
  type CreateResponse,
  type DiffRequest,
  type DiffResponse,
  type InvokeRequest,
  type InvokeResponse,
  type Provider,
  ProviderError,
  type ProviderPackage,
  type ReadRequest,
  type ReadResponse,
  type UpdateRequest,
  type UpdateResponse,
} from "#providers/contract.ts";

const stackReferenceType = "pulumi:pulumi:StackReference";
const stashType = "pulumi:index:Stash";

export interface BuiltinSources {
  readStackOutputs(stackName: string): Promise<StackOutputs>;
  /** A resource of this run, registered or read. */
  findResource(urn: Urn): ResourceState | undefined;
}

/** The package `pulumi` that every engine has: stack references and stashes. Mirrors pulumi/pulumi:pkg/resource/deploy/builtins.go (v3.259.0). */
export function builtinPackage(sources: BuiltinSources, version: string): ProviderPackage {
  return { name: "pulumi", version, open: () => new BuiltinProvider(sources) };
}

const unchanged: DiffResponse = { changes: "none", replaces: [], diffs: [], deleteBeforeReplace: false };

class BuiltinProvider implements Provider {
  readonly #sources: BuiltinSources;
  constructor(sources: BuiltinSources) {
    this.#sources = sources;
  }

  async checkConfig(): Promise<CheckResponse> {
    return { inputs: {}, failures: [] };
  }

  async diffConfig(): Promise<DiffResponse> {
    return unchanged;
  }

  async configure() {
    return { acceptSecrets: true, acceptResources: true, acceptOutputs: false, supportsPreview: true, supportsAutonaming: false };
  }

  async check({ type, news }: CheckRequest): Promise<CheckResponse> {
    const property = inputOf(type);
    const fail = (name: string, reason: string): CheckResponse => ({ inputs: news, failures: [{ property: name, reason }] });
    const other = Object.keys(news).find((key) => key !== property);
    if (other !== undefined) return fail(other, `unknown property "${other}"`);
    const value = news[property];
    if (value === undefined) return fail(property, `missing required property "${property}"`);
    if (type === stackReferenceType && typeof value !== "string" && !(value instanceof Unknown))
      return fail(property, `property "${property}" must be a string`);
    return { inputs: news, failures: [] };
  }

  async diff({ type, oldInputs, news }: DiffRequest): Promise<DiffResponse> {
    const property = inputOf(type);
    if (equalBags({ value: oldInputs[property] ?? null }, { value: news[property] ?? null })) return unchanged;
    return type === stackReferenceType ? { ...unchanged, changes: "some", replaces: [property] } : { ...unchanged, changes: "some", diffs: [property] };
  }

  async create({ type, inputs, preview }: CreateRequest): Promise<CreateResponse> {
    const id = preview ? "" : randomUUID();
    if (type === stackReferenceType) return { id, outputs: await this.#readReference(inputs["name"]) };
    const input = inputs[inputOf(type)] ?? null;
    return { id, outputs: { input, output: input } };
  }

  async read({ type, id, inputs, outputs }: ReadRequest): Promise<ReadResponse> {
    const property = inputOf(type);
    const other = Object.keys(inputs).find((key) => key !== property);
    if (other !== undefined) throw new ProviderError("unknown", `unknown property "${other}"`);
    if (inputs[property] === undefined) throw new ProviderError("unknown", `${type === stackReferenceType ? "stack reference" : "stash"} can not be imported`);
    return { id, inputs, outputs: type === stackReferenceType ? await this.#readReference(inputs["name"]) : outputs };
  }

  async update({ type, news, oldOutputs }: UpdateRequest): Promise<UpdateResponse> {
    const property = inputOf(type);
    if (type === stackReferenceType) throw new Error(`unrecognized resource type '${type}'`);
    return { outputs: { input: news[property] ?? null, output: oldOutputs["output"] ?? null } };
  }

  async delete(): Promise<void> {}

  async invoke({ token, args }: InvokeRequest): Promise<InvokeResponse> {
    return { result: await this.#call(token, args), failures: [] };
  }

  async cancel(): Promise<void> {}
  async close(): Promise<void> {}

  async #call(token: string, args: PropertyMap): Promise<PropertyMap> {
    switch (token) {
      case "pulumi:pulumi:readStackOutputs":
        return await this.#readReference(args["name"]);
      case "pulumi:pulumi:getResource":
        return this.#getResource(args["urn"]);
      default:
        throw new Error(`unrecognized function name: '${token}'`);
    }
  }

  async #readReference(name: PropertyValue | undefined): Promise<PropertyMap> {
    const plain = name === undefined ? undefined : unwrapSecrets(name);
    if (typeof plain !== "string") throw new Error("expected 'name' to be a string");
    const { outputs } = await this.#sources.readStackOutputs(plain);
    const secretOutputNames = Object.keys(outputs)
      .filter((key) => containsSecrets(outputs[key]!))
      .sort();
    return { name: plain, outputs, secretOutputNames };
  }

  #getResource(urn: PropertyValue | undefined): PropertyMap {
    if (typeof urn !== "string") throw new Error("expected 'urn' to be a string");
    const state = this.#sources.findResource(urn as Urn);
    if (!state) throw new Error(`unknown resource ${urn}`);
    return { urn, id: state.id, provider: state.provider, state: state.outputs };
  }
}

function inputOf(type: string): string {
  if (type === stackReferenceType) return "name";
  if (type === stashType) return "input";
  throw new Error(`unrecognized resource type '${type}'`);
}
