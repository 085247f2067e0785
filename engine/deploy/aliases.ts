import { makeUrn, parseUrn, rootStackType, type Urn } from "#core/urn.ts";
import type { Alias } from "#providers/contract.ts";

export interface Identity {
  readonly name: string;
  readonly type: string;
  readonly parent: Urn | undefined;
  readonly project: string;
  readonly stack: string;
}

/**
 * The former URNs a resource may be found under: its own aliases, and those that follow from an alias of its parent, where a name that begins with the
 * parent's name is changed along. Mirrors `generateAliases` of pulumi/pulumi:pkg/resource/deploy/step_generator.go (v3.259.0).
 */
export function formerUrns(self: Identity, aliases: readonly Alias[], formerUrnOf: (urn: Urn) => Urn | undefined): Urn[] {
  const own = aliases.map((alias) => collapse(self, alias, formerUrnOf));
  const found = new Set(own);
  const formerParent = self.parent && formerUrnOf(self.parent);
  if (self.parent && formerParent) {
    found.add(inherited(self, self.type, self.name, self.parent, formerParent));
    for (const urn of own) {
      const { type, name } = parseUrn(urn);
      found.add(inherited(self, type, name, self.parent, formerParent));
    }
  }
  return [...found];
}

function collapse(self: Identity, alias: Alias, formerUrnOf: (urn: Urn) => Urn | undefined): Urn {
  if ("urn" in alias) return alias.urn as Urn;
  const named = alias.parentUrn as Urn | undefined;
  const parent = alias.noParent ? undefined : named ? (formerUrnOf(named) ?? named) : self.parent;
  const isRoot = parent !== undefined && parseUrn(parent).qualifiedType === rootStackType;
  return makeUrn(alias.stack || self.stack, alias.project || self.project, isRoot ? undefined : parent, alias.type || self.type, alias.name || self.name);
}

function inherited(self: Identity, type: string, name: string, parent: Urn, formerParent: Urn): Urn {
  const parentName = parseUrn(parent).name;
  const formerName = name.startsWith(parentName) ? parseUrn(formerParent).name + name.slice(parentName.length) : name;
  return makeUrn(self.stack, self.project, formerParent, type, formerName);
}
