import { isUrn, parseUrn, type Urn } from "#core/urn.ts";
import type { ProviderReference } from "#engine/state/resource-state.ts";

const typePrefix = "pulumi:providers:";
/** Id of the provider that stands for "the default provider of this package is forbidden". */
const deniedId = "denydefaultprovider";

export interface ReferenceParts {
  readonly urn: Urn;
  readonly id: string;
}

/** Takes `URN::ID` apart; throws a `TypeError` for anything else. Mirrors pulumi/pulumi:sdk/go/common/providers/reference.go (v3.259.0). */
export function parseReference(reference: ProviderReference): ReferenceParts {
  const at = reference.lastIndexOf("::");
  const urn = reference.slice(0, at);
  if (at < 0 || !isUrn(urn) || !isProviderType(parseUrn(urn).type)) throw new TypeError(`'${reference}' is not a provider reference; expected URN::ID`);
  return { urn, id: reference.slice(at + 2) };
}

export function makeReference(urn: Urn, id: string): ProviderReference {
  return `${urn}::${id}`;
}

export function isProviderType(type: string): boolean {
  return type.startsWith(typePrefix) && type.length > typePrefix.length;
}

export function providerTypeOf(packageName: string): string {
  return typePrefix + packageName;
}

/** The package that a provider type belongs to. */
export function packageOfProviderType(type: string): string {
  return type.slice(typePrefix.length);
}

/** The package of an ordinary type token or function token: `random` of `random:index/randomPet:RandomPet`. */
export function packageOfToken(token: string): string {
  return token.slice(0, Math.max(0, token.indexOf(":")));
}

/** The URN of a reference without checking it: for hot paths over states that were read from a valid snapshot. */
export function urnOfReference(reference: ProviderReference): Urn {
  return reference.slice(0, reference.lastIndexOf("::")) as Urn;
}

/** Whether the provider was made by the engine: its steps are neither counted nor shown. */
export function isDefaultProvider(urn: Urn): boolean {
  const { type, name } = parseUrn(urn);
  return isProviderType(type) && name.startsWith("default");
}

export function deniedReference(packageName: string): ProviderReference {
  return `urn:pulumi:denied::denied::${providerTypeOf(packageName)}::denied::${deniedId}`;
}

/** The package whose default provider is forbidden, or `undefined` for an ordinary reference. */
export function deniedPackage(reference: ProviderReference): string | undefined {
  return reference.endsWith(`::${deniedId}`) ? packageOfProviderType(parseReference(reference).urn.split("::")[2]!) : undefined;
}
