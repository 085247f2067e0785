import type { PropertyValue } from "#core/property-value.ts";

/** Type of an attribute as upstream declares it. */
export type AttributeType =
  | "string"
  | "integer"
  | "boolean"
  | { readonly list: AttributeType }
  | { readonly map: AttributeType }
  /** A nested block of at most one element, which Pulumi flattens to an object. */
  | { readonly block: Attributes };

/**
 * Values of a resource by Pulumi name, one entry for every attribute: plain (no secrets), `null` where absent, unknowns anywhere.
 * What upstream calls configuration, plan or state.
 */
export type Values = { [attribute: string]: PropertyValue };

export interface Attribute {
  readonly type: AttributeType;
  /** Who gives the value: the program (`required`, `optional`), the provider (`computed`), or the program if it wants to (`optional-computed`). */
  readonly presence: "required" | "optional" | "optional-computed" | "computed";
  /** Name in upstream's messages, where it isn't the snake-case form of the Pulumi name. */
  readonly upstreamName?: string;
  /** Upstream's sentence about a required attribute; part of the message for a missing one. */
  readonly description?: string;
  /** Shown as a warning when the program gives a value. */
  readonly deprecation?: string;
  /** Value where the program gives none. */
  readonly default?: PropertyValue;
  readonly sensitive?: boolean;
  /** Used to make the resource, never kept in its state. */
  readonly writeOnly?: boolean;
  /** A computed value is kept while the resource lives, whatever else changes. @default true for computed attributes */
  readonly kept?: boolean;
  /** Value planned from the configuration alone, over the default rules. Throws {@link Diagnostic} for a contradiction. */
  readonly plan?: (config: Values) => PropertyValue;
  /** Whether a change of this attribute replaces the resource. Absent: it is changed in place. */
  readonly replaces?: (change: { readonly config: PropertyValue; readonly prior: PropertyValue }) => boolean;
}

export type Attributes = Readonly<Record<string, Attribute>>;

/** The rule for attributes that can't be changed in place. */
export const always = (): boolean => true;

/** The attribute's name in upstream's messages: snake case, as in `min_upper`. */
export function upstreamName(name: string, attribute: Attribute | undefined): string {
  return attribute?.upstreamName ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function isInput(attribute: Attribute): boolean {
  return attribute.presence !== "computed";
}

export function isComputed(attribute: Attribute): boolean {
  return attribute.presence === "computed" || attribute.presence === "optional-computed";
}
