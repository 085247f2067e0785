import type { PropertyMap, PropertyValue } from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";
import type { CustomTimeouts, ProviderReference, ResourceState } from "#engine/state/resource-state.ts";
import type { Alias } from "#providers/contract.ts";

/** What a program wants one resource to be, after transforms and with its provider chosen. */
export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly properties: PropertyMap;
  readonly parent: Urn | undefined;
  readonly protect: boolean | undefined;
  readonly dependencies: readonly Urn[];
  /** "" for components and providers. */
  readonly provider: ProviderReference;
  readonly propertyDependencies: Readonly<Record<string, readonly Urn[]>>;
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Alias[];
  /** "" unless an existing resource is to be adopted. */
  readonly importId: string;
  readonly customTimeouts: CustomTimeouts;
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger: PropertyValue | undefined;
  readonly retainOnDelete: boolean | undefined;
  readonly deletedWith: Urn | undefined;
  readonly replaceWith: readonly Urn[];
  readonly hideDiff: readonly string[];
  readonly sourcePosition: string;
  readonly stackTrace: readonly string[];
  readonly hooks: Readonly<Record<string, readonly string[]>>;
}

/** How a registration ended; anything but `success` occurs only when the run goes on after errors. */
export interface RegisterResult {
  readonly state: ResourceState;
  readonly result: "success" | "failed" | "skipped";
  /** The resource wasn't created because it isn't a target. */
  readonly unknown: boolean;
}

/** Wants a resource; `done` is called once when its step is over. */
export interface RegisterEvent {
  readonly kind: "register";
  readonly goal: Goal;
  done(result: RegisterResult): void;
}

/** Wants to know an existing resource (`Resource.get`). */
export interface ReadEvent {
  readonly kind: "read";
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly provider: ProviderReference;
  readonly parent: Urn | undefined;
  readonly properties: PropertyMap;
  readonly dependencies: readonly Urn[];
  readonly additionalSecretOutputs: readonly string[];
  readonly sourcePosition: string;
  readonly stackTrace: readonly string[];
  done(result: RegisterResult): void;
}

/** Completes a component or the stack. */
export interface OutputsEvent {
  readonly kind: "outputs";
  readonly urn: Urn;
  readonly outputs: PropertyMap;
  done(): void;
}

export type SourceEvent = RegisterEvent | ReadEvent | OutputsEvent;
