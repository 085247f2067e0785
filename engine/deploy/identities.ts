import { makeUrn, type Urn } from "#core/urn.ts";
import { formerUrns } from "#engine/deploy/aliases.ts";
import { BailError } from "#engine/deploy/bail-error.ts";
import type { Ledger } from "#engine/deploy/ledger.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";
import type { Alias } from "#providers/contract.ts";

/** What was found of a resource in the state. */
export interface Found {
  readonly old: ResourceState | undefined;
  /** The URN it was found under, where that isn't its own. */
  readonly former: Urn | undefined;
  /** Its identity conflicts with another resource's, which was reported. */
  readonly invalid: boolean;
}

/** Gives every resource of a run its URN and finds the old state that belongs to it, each only once. */
export class Identities {
  readonly #context: RunContext;
  readonly #ledger: Ledger;

  constructor(context: RunContext, ledger: Ledger) {
    this.#context = context;
    this.#ledger = ledger;
  }

  /** The URN of a resource that nobody else may have; throws when somebody has it, or when the parent isn't known. */
  claim(parent: Urn | undefined, type: string, name: string): Urn {
    if (parent && !this.#ledger.urns.has(parent)) throw new Error(`could not find parent resource ${parent}`);
    const { stack, project } = this.#context.request;
    const urn = makeUrn(stack, project, parent, type, name);
    if (this.#ledger.urns.has(urn)) {
      this.#context.diagnostics.error(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
      throw new BailError("duplicate URN");
    }
    this.#ledger.urns.add(urn);
    return urn;
  }

  /** Looks for the old state under the URN and then under its former ones. */
  find(urn: Urn, self: { readonly name: string; readonly type: string; readonly parent: Urn | undefined }, aliases: readonly Alias[]): Found {
    const { diagnostics, request, olds } = this.#context;
    let invalid = false;
    const claimant = this.#ledger.claimedBy.get(urn);
    if (claimant) {
      invalid = true;
      diagnostics.error(urn, `Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${claimant}'`);
    }
    const identity = { ...self, project: request.project, stack: request.stack };
    for (const candidate of [urn, ...formerUrns(identity, aliases, (one) => this.#ledger.formerUrn.get(one))]) {
      const old = olds.get(candidate);
      if (!old) continue;
      if (candidate === urn) return { old, former: undefined, invalid };
      const other = this.#ledger.urns.has(candidate) ? urn : this.#ledger.claimedBy.get(candidate);
      if (other) {
        invalid = true;
        diagnostics.error(urn, `Duplicate resource alias '${candidate}' applied to resource with URN '${urn}' conflicting with resource with URN '${other}'`);
      }
      this.#ledger.claimedBy.set(candidate, urn);
      this.#ledger.formerUrn.set(urn, candidate);
      this.#context.providers.registerAlias(urn, candidate);
      return { old, former: candidate, invalid };
    }
    return { old: undefined, former: undefined, invalid };
  }
}
