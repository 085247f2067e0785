import { type PropertyMap, Secret } from "#core/property-value.ts";
import type { DeploymentRequest } from "#engine/deploy/deployment.ts";
import type { Goal, RegisterEvent, RegisterResult } from "#engine/deploy/goal.ts";
import { deniedReference, makeReference, providerTypeOf } from "#engine/deploy/provider-reference.ts";
import { internalKey } from "#engine/deploy/provider-registry.ts";
import type { PackageRequest } from "#engine/deploy/registration.ts";
import type { ProviderReference } from "#engine/state/resource-state.ts";

/** Registers a provider resource like any other and answers what became of it. */
export type RegisterGoal = (goal: RegisterEvent["goal"]) => Promise<RegisterResult>;

/** The providers that nobody names: one for each package and version in use. Mirrors pulumi/pulumi:pkg/resource/deploy/default_providers.go (v3.259.0). */
export class DefaultProviders {
  readonly #request: DeploymentRequest;
  readonly #register: RegisterGoal;
  readonly #references = new Map<string, Promise<ProviderReference>>();

  constructor(request: DeploymentRequest, register: RegisterGoal) {
    this.#request = request;
    this.#register = register;
  }

  /** The reference to use for the request; registers the provider when it is the first. */
  async reference(wanted: PackageRequest): Promise<ProviderReference> {
    if (this.#isDenied(wanted.name)) return deniedReference(wanted.name);
    const key = [
      wanted.name,
      wanted.version,
      wanted.pluginDownloadUrl,
      ...Object.entries(wanted.pluginChecksums).map(([name, sum]) => `${name}=${hex(sum)}`),
    ].join("\n");
    const known = this.#references.get(key);
    if (known) return await known;
    const made = this.#make(wanted);
    this.#references.set(key, made);
    return await made;
  }

  async #make(wanted: PackageRequest): Promise<ProviderReference> {
    const { state, result } = await this.#register(goalOf(wanted, this.#inputs(wanted)));
    if (result !== "success" || !state.id) throw new Error(`the default provider for package '${wanted.name}' couldn't be set up`);
    return makeReference(state.urn, state.id);
  }

  #inputs(wanted: PackageRequest): PropertyMap {
    const { config, configSecretKeys } = this.#request;
    const inputs: PropertyMap = {};
    for (const [key, value] of Object.entries(config)) {
      const at = key.indexOf(":");
      if (key.slice(0, at) !== wanted.name) continue;
      inputs[key.slice(at + 1)] = configSecretKeys.includes(key) ? new Secret(value) : value;
    }
    return { ...inputs, ...packageInputs(wanted) };
  }

  #isDenied(name: string): boolean {
    const setting = this.#request.config["pulumi:disable-default-providers"];
    if (name === "pulumi" || setting === undefined || setting === "") return false;
    const denied = parseDenied(setting);
    return denied.some((one) => one === "*" || one === name);
  }
}

/** The inputs of a provider resource that say which plugin serves it. */
export function packageInputs(wanted: PackageRequest): PropertyMap {
  const internal: PropertyMap = {};
  if (wanted.pluginDownloadUrl) internal["pluginDownloadURL"] = wanted.pluginDownloadUrl;
  const checksums = Object.entries(wanted.pluginChecksums);
  if (checksums.length) internal["pluginChecksums"] = Object.fromEntries(checksums.map(([name, sum]) => [name, hex(sum)]));
  if (!wanted.version && Object.keys(internal).length === 0) return {};
  return { ...(wanted.version ? { version: wanted.version } : {}), [internalKey]: internal };
}

function goalOf(wanted: PackageRequest, properties: PropertyMap): Goal {
  return {
    type: providerTypeOf(wanted.name),
    name: defaultName(wanted),
    custom: true,
    properties,
    parent: undefined,
    protect: undefined,
    dependencies: [],
    provider: "",
    propertyDependencies: {},
    deleteBeforeReplace: undefined,
    ignoreChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    importId: "",
    customTimeouts: {},
    replaceOnChanges: [],
    replacementTrigger: undefined,
    retainOnDelete: undefined,
    deletedWith: undefined,
    replaceWith: [],
    hideDiff: [],
    sourcePosition: "",
    stackTrace: [],
    hooks: {},
  };
}

/** `default_1_2_3` with pre-release, build and address appended, everything but letters and digits as `_`. */
function defaultName(wanted: PackageRequest): string {
  const parts = ["default", wanted.version.replace(/[^A-Za-z0-9]/g, "_"), wanted.pluginDownloadUrl.replace(/[^A-Za-z0-9]/g, "_")];
  return parts.filter((part) => part !== "").join("_");
}

function parseDenied(setting: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(setting);
  } catch (error) {
    throw new Error(`Failed to parse ${setting}: ${String(error)}`, { cause: error });
  }
  if (!Array.isArray(parsed)) throw new Error(`Failed to parse ${setting}: pulumi:disable-default-providers must be a list of package names`);
  return parsed.map((one: unknown, i) => {
    if (typeof one !== "string") throw new Error(`pulumi:disable-default-providers[${i}] must be a string`);
    return one.trim();
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
