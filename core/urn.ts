/** A resource's unique name: `urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME`. Mirrors pulumi/pulumi:sdk/go/common/resource/urn/urn.go (v3.259.0). */
export type Urn = string & { readonly __brand: "urn" };

/** The type of the resource every stack has as its root. */
export const rootStackType = "pulumi:pulumi:Stack";

export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** Types of the ancestors and of the resource itself, joined by `$`. */
  readonly qualifiedType: string;
  /** The resource's own type token. */
  readonly type: string;
  readonly name: string;
}

const prefix = "urn:pulumi:";

/** Builds a URN. `parent` is the parent's URN; a root stack parent contributes nothing to the qualified type. */
export function makeUrn(stack: string, project: string, parent: Urn | undefined, type: string, name: string): Urn {
  const parentType = parent ? parseUrn(parent).qualifiedType : "";
  const qualified = parentType && parentType !== rootStackType ? `${parentType}$${type}` : type;
  return `${prefix}${stack}::${project}::${qualified}::${name}` as Urn;
}

/** Takes a URN apart; the name may itself contain `::`. Throws a `TypeError` for anything that isn't a URN. */
export function parseUrn(urn: string): UrnParts {
  const match = isUrn(urn) ? splitUrn(urn) : undefined;
  if (!match) throw new TypeError(`'${urn}' is not a URN; expected urn:pulumi:STACK::PROJECT::TYPE::NAME`);
  const [stack, project, qualifiedType, name] = match;
  return { stack, project, qualifiedType, type: qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1), name };
}

/** Whether the text has the form of a URN. */
export function isUrn(text: string): text is Urn {
  return splitUrn(text) !== undefined;
}

function splitUrn(text: string): [string, string, string, string] | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const parts = text.slice(prefix.length).split("::");
  if (parts.length < 4) return undefined;
  const [stack, project, qualifiedType, ...name] = parts as [string, string, string, ...string[]];
  return [stack, project, qualifiedType, name.join("::")];
}
