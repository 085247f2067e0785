import type { PropertyMap } from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";

/** `URN::ID` of the provider that manages a resource. */
export type ProviderReference = string;

/** One resource as the snapshot knows it. Mirrors pulumi/pulumi:sdk/go/common/apitype/core.go `ResourceV3` (v3.259.0). Immutable: a step makes a new one. */
export interface ResourceState {
  readonly urn: Urn;
  readonly type: string;
  /** False for components. */
  readonly custom: boolean;
  /** Waits for its deletion after a replacement. */
  readonly delete: boolean;
  /** "" for components. */
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly parent: Urn | undefined;
  readonly protect: boolean;
  readonly taint: boolean;
  /** Read, not managed. */
  readonly external: boolean;
  readonly dependencies: readonly Urn[];
  readonly initErrors: readonly string[];
  readonly provider: ProviderReference;
  readonly propertyDependencies: Readonly<Record<string, readonly Urn[]>>;
  /** Deleted already, to be created again by the same or a later run. */
  readonly pendingReplacement: boolean;
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Urn[];
  /** Seconds. */
  readonly customTimeouts: CustomTimeouts;
  readonly importId: string;
  readonly retainOnDelete: boolean;
  readonly deletedWith: Urn | undefined;
  readonly replaceWith: readonly Urn[];
  /** RFC 3339 with nanoseconds as stored, "" when unknown. */
  readonly created: string;
  readonly modified: string;
  readonly sourcePosition: string;
  readonly stackTrace: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly hideDiff: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger: import("#core/property-value.ts").PropertyValue | undefined;
  readonly refreshBeforeUpdate: boolean;
  readonly viewOf: Urn | undefined;
  /** Hook kind (`BeforeCreate` …) to names. */
  readonly resourceHooks: Readonly<Record<string, readonly string[]>>;
  /** Fields of the checkpoint that this version doesn't know, kept as they are. */
  readonly unknownFields: Readonly<Record<string, unknown>>;
}

export interface CustomTimeouts {
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
  readonly read?: number;
}

export type PendingOperationKind = "creating" | "updating" | "deleting" | "reading" | "importing";

/** A provider call that began and whose end isn't recorded. */
export interface PendingOperation {
  readonly resource: ResourceState;
  readonly type: PendingOperationKind;
}

/** Everything known about a stack between two deployments. */
export interface Snapshot {
  /** Dependencies before dependents. */
  readonly resources: readonly ResourceState[];
  readonly pendingOperations: readonly PendingOperation[];
}

export const emptySnapshot: Snapshot = { resources: [], pendingOperations: [] };

/** Fills in the fields that most states leave empty. */
export function makeState(fields: Pick<ResourceState, "urn" | "type" | "custom"> & Partial<ResourceState>): ResourceState {
  return {
    delete: false,
    id: "",
    inputs: {},
    outputs: {},
    parent: undefined,
    protect: false,
    taint: false,
    external: false,
    dependencies: [],
    initErrors: [],
    provider: "",
    propertyDependencies: {},
    pendingReplacement: false,
    additionalSecretOutputs: [],
    aliases: [],
    customTimeouts: {},
    importId: "",
    retainOnDelete: false,
    deletedWith: undefined,
    replaceWith: [],
    created: "",
    modified: "",
    sourcePosition: "",
    stackTrace: [],
    ignoreChanges: [],
    hideDiff: [],
    replaceOnChanges: [],
    replacementTrigger: undefined,
    refreshBeforeUpdate: false,
    viewOf: undefined,
    resourceHooks: {},
    unknownFields: {},
    ...fields,
  };
}
