/**
 * What the engine asks of a provider. One implementation serves the embedded engine in process and, behind the plugin protocol, a genuine Pulumi CLI;
 * so arguments and results keep the shape of `pulumirpc.ResourceProvider` (pulumi/pulumi:proto/pulumi/provider.proto, v3.259.0).
 */

import type { Severity } from "#core/operation.ts";
import type { PropertyMap } from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";

/** A package of resources, e.g. `random`; opened once per configured provider. */
export interface ProviderPackage {
  readonly name: string;
  /** The version of the SDK package it serves, without a leading `v`. */
  readonly version: string;
  open(host: ProviderHost): Provider;
}

/** What the engine offers a provider. */
export interface ProviderHost {
  log(severity: Severity, message: string, options?: { readonly urn?: Urn; readonly ephemeral?: boolean }): void;
  /** Does work that is mere waiting, such as for an object to become ready: other calls may begin in its place. Answers or throws as the work does. */
  whileWaiting<T>(work: () => Promise<T>): Promise<T>;
  /** Absolute; what the program's relative paths start from. The process's own working folder when absent. */
  readonly workingFolder?: string;
}

/** How the engine has to marshal what it sends, and what it may leave to the provider. */
export interface ProviderCapabilities {
  /** Otherwise secrets are sent in plain, and outputs that depend on secret inputs are marked by the engine. */
  readonly acceptSecrets: boolean;
  readonly acceptResources: boolean;
  readonly acceptOutputs: boolean;
  /** Whether create and update may be called with `preview`. Otherwise a preview answers the checked inputs. */
  readonly supportsPreview: boolean;
  readonly supportsAutonaming: boolean;
}

/**
 * One configured provider. Methods may be called concurrently. A thrown {@link InitFailedError} means that the resource exists but isn't ready;
 * any other thrown error fails the step (see {@link ProviderError} for those that say more).
 */
export interface Provider {
  checkConfig(request: CheckRequest): Promise<CheckResponse>;
  diffConfig(request: DiffRequest): Promise<DiffResponse>;
  /** Called once, before any of the methods below; not at all while the configuration holds unknowns. */
  configure(request: ConfigureRequest): Promise<ProviderCapabilities>;
  check(request: CheckRequest): Promise<CheckResponse>;
  diff(request: DiffRequest): Promise<DiffResponse>;
  create(request: CreateRequest): Promise<CreateResponse>;
  /** An absent id in the answer means that the resource doesn't exist. */
  read(request: ReadRequest): Promise<ReadResponse>;
  update(request: UpdateRequest): Promise<UpdateResponse>;
  delete(request: DeleteRequest): Promise<void>;
  invoke(request: InvokeRequest): Promise<InvokeResponse>;
  /** Registers a component and its children through `request.monitor`. Absent when the package has no remote components. */
  construct?(request: ConstructRequest): Promise<ConstructResponse>;
  /** Asks calls under way to come to an end; they then fail with what they have. */
  cancel(): Promise<void>;
  /** Gives back connections and processes; the provider isn't used any more. */
  close(): Promise<void>;
}

export interface CheckFailure {
  /** Path of the property, "" for the resource as a whole. */
  readonly property: string;
  readonly reason: string;
}

export interface CheckRequest {
  readonly urn: Urn;
  readonly type: string;
  readonly name: string;
  /** The old *inputs*, absent for a new or replaced resource. */
  readonly olds: PropertyMap | undefined;
  readonly news: PropertyMap;
  /** 32 random bytes for names that the provider makes up. */
  readonly randomSeed: Uint8Array;
  readonly autonaming?: { readonly proposedName: string; readonly mode: "propose" | "enforce" | "disable" };
}
export interface CheckResponse {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";
/** Property path (`a.b[0]`, `a["k"]`) to what happens to it; `inputDiff` says whether old and new inputs were compared rather than old state and new inputs. */
export type DetailedDiff = Readonly<Record<string, { readonly kind: DiffKind; readonly inputDiff: boolean }>>;

export interface DiffRequest {
  readonly urn: Urn;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
}
export interface DiffResponse {
  /** `unknown` makes the engine compare old and new inputs itself. */
  readonly changes: "unknown" | "none" | "some";
  /** Keys or paths that force a replacement. */
  readonly replaces: readonly string[];
  /** Changed top-level keys. */
  readonly diffs: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Absent when the provider doesn't compute one. */
  readonly detailedDiff?: DetailedDiff;
}

export interface ConfigureRequest {
  readonly urn: Urn;
  readonly id: string;
  readonly inputs: PropertyMap;
}

export interface CreateRequest {
  readonly urn: Urn;
  readonly type: string;
  readonly name: string;
  readonly inputs: PropertyMap;
  /** Seconds; 0 for the provider's default. */
  readonly timeout: number;
  readonly preview: boolean;
}
export interface CreateResponse {
  /** "" in a preview where it isn't known. */
  readonly id: string;
  readonly outputs: PropertyMap;
}

export interface ReadRequest {
  readonly urn: Urn;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** Empty when importing or getting. */
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly timeout: number;
}
export interface ReadResponse {
  readonly id: string | undefined;
  /** Absent when the provider doesn't know the inputs. */
  readonly inputs: PropertyMap | undefined;
  readonly outputs: PropertyMap;
}

export interface UpdateRequest {
  readonly urn: Urn;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
  readonly timeout: number;
  readonly preview: boolean;
}
export interface UpdateResponse {
  readonly outputs: PropertyMap;
}

export interface DeleteRequest {
  readonly urn: Urn;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly timeout: number;
}

export interface InvokeRequest {
  readonly token: string;
  readonly args: PropertyMap;
  readonly preview: boolean;
}
export interface InvokeResponse {
  readonly result: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

/** Options of a component that its provider hands on to the children it registers. */
export interface ConstructOptions {
  /** Package name to provider reference (`URN::ID`). */
  readonly providers: Readonly<Record<string, string>>;
  readonly dependencies: readonly Urn[];
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly deletedWith?: Urn;
  readonly aliases: readonly Alias[];
  readonly additionalSecretOutputs: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  readonly customTimeouts?: { readonly create?: string; readonly update?: string; readonly delete?: string };
}

/** A former identity: a whole URN, or the parts that differ. */
export type Alias =
  | { readonly urn: string }
  | {
      readonly name?: string;
      readonly type?: string;
      readonly stack?: string;
      readonly project?: string;
      readonly parentUrn?: string;
      readonly noParent?: boolean;
    };

export interface ConstructRequest {
  readonly type: string;
  readonly name: string;
  readonly parent: Urn | undefined;
  readonly inputs: PropertyMap;
  readonly inputDependencies: Readonly<Record<string, readonly Urn[]>>;
  readonly options: ConstructOptions;
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  readonly monitor: ResourceMonitor;
}
export interface ConstructResponse {
  readonly urn: Urn;
  readonly state: PropertyMap;
  readonly stateDependencies: Readonly<Record<string, readonly Urn[]>>;
}

/** The part of the engine's resource monitor that a component provider needs. */
export interface ResourceMonitor {
  registerResource(request: RegisterRequest): Promise<RegisterResponse>;
  registerResourceOutputs(urn: Urn, outputs: PropertyMap): Promise<void>;
}
export interface RegisterRequest {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly parent: Urn | undefined;
  readonly inputs: PropertyMap;
  readonly propertyDependencies?: Readonly<Record<string, readonly Urn[]>>;
  /** Provider reference (`URN::ID`) for a custom resource; otherwise chosen from `options.providers`, the parent, or the default. */
  readonly provider?: string;
  readonly version?: string;
  readonly options?: Partial<ConstructOptions>;
}
export interface RegisterResponse {
  readonly urn: Urn;
  /** Absent for components; "" while unknown in a preview. */
  readonly id: string | undefined;
  readonly outputs: PropertyMap;
}

/** The resource exists but didn't become what it should: its state is kept together with the reasons. */
export class InitFailedError extends Error {
  readonly id: string;
  readonly inputs: PropertyMap | undefined;
  readonly outputs: PropertyMap;
  readonly reasons: readonly string[];
  constructor(
    message: string,
    partial: { readonly id: string; readonly inputs?: PropertyMap; readonly outputs: PropertyMap; readonly reasons: readonly string[] },
  ) {
    super(message);
    this.name = "InitFailedError";
    this.id = partial.id;
    this.inputs = partial.inputs;
    this.outputs = partial.outputs;
    this.reasons = partial.reasons;
  }
}

/** A provider's failure with the gRPC status that a plugin would answer with. Other thrown errors count as `unknown`. */
export class ProviderError extends Error {
  readonly status:
    | "unknown"
    | "invalid-argument"
    | "not-found"
    | "already-exists"
    | "failed-precondition"
    | "unavailable"
    | "unimplemented"
    | "internal"
    | "cancelled";
  constructor(status: ProviderError["status"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ProviderError";
    this.status = status;
  }
}
