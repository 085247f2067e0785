import type { PropertyMap, PropertyValue } from "#core/property-value.ts";
import type { Alias } from "#providers/contract.ts";

/** Options of a registration that transforms may change. Mirrors `TransformResourceOptions` of pulumi/pulumi:proto/pulumi/resource.proto (v3.259.0). */
export interface RegistrationOptions {
  readonly dependsOn: readonly string[];
  readonly protect: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger: PropertyValue | undefined;
  readonly version: string;
  readonly pluginDownloadUrl: string;
  readonly pluginChecksums: Readonly<Record<string, Uint8Array>>;
  readonly aliases: readonly Alias[];
  readonly provider: string;
  /** Package name to provider reference. */
  readonly providers: Readonly<Record<string, string>>;
  /** Durations as Go writes them. */
  readonly customTimeouts: { readonly create?: string; readonly update?: string; readonly delete?: string; readonly read?: string } | undefined;
  readonly retainOnDelete: boolean | undefined;
  readonly deletedWith: string;
  readonly replaceWith: readonly string[];
  readonly deleteBeforeReplace: boolean | undefined;
  readonly additionalSecretOutputs: readonly string[];
  readonly hideDiff: readonly string[];
  readonly importId: string;
  /** Hook kind to names. */
  readonly hooks: Readonly<Record<string, readonly string[]>>;
}

export interface Transformed {
  readonly properties: PropertyMap;
  readonly options: RegistrationOptions;
}

/** A function of the program that may change a registration. */
export type Transform = (
  resource: { readonly type: string; readonly name: string; readonly custom: boolean; readonly parent: string } & Transformed,
) => Promise<Transformed>;

/** What a program, or a provider that builds a component, registers. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly remote: boolean;
  /** "" for none. */
  readonly parent: string;
  readonly properties: PropertyMap;
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly options: RegistrationOptions;
  readonly transforms: readonly Transform[];
  /** "" for none; otherwise what `registerPackage` answered. */
  readonly packageRef: string;
  readonly envVarMappings: Readonly<Record<string, string>>;
  readonly sourcePosition: string;
  readonly stackTrace: readonly string[];
}

/** Which provider package, and which of its versions, something asks for. */
export interface PackageRequest {
  readonly name: string;
  /** Without a leading `v`; "" for whatever there is. */
  readonly version: string;
  readonly pluginDownloadUrl: string;
  readonly pluginChecksums: Readonly<Record<string, Uint8Array>>;
}

export interface Registered {
  readonly urn: string;
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly result: "success" | "failed" | "skipped";
  readonly unknown: boolean;
}

export interface InvokeOptions {
  readonly provider: string;
  readonly version: string;
  readonly pluginDownloadUrl: string;
  readonly pluginChecksums: Readonly<Record<string, Uint8Array>>;
}
export interface Invocation {
  readonly token: string;
  readonly args: PropertyMap;
  readonly parent: string;
  readonly packageRef: string;
  readonly dependsOn: readonly string[];
  readonly options: InvokeOptions;
}
export type InvokeTransform = (call: {
  readonly token: string;
  readonly args: PropertyMap;
  readonly options: InvokeOptions;
}) => Promise<{ readonly args: PropertyMap; readonly options: InvokeOptions }>;

/** A resource that the program looks up. */
export interface ReadRegistration {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly properties: PropertyMap;
  readonly dependencies: readonly string[];
  readonly provider: string;
  readonly packageRef: string;
  readonly options: Omit<InvokeOptions, "provider">;
  readonly additionalSecretOutputs: readonly string[];
  readonly sourcePosition: string;
  readonly stackTrace: readonly string[];
}
