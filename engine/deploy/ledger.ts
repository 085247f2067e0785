import type { Urn } from "#core/urn.ts";
import type { Step } from "#engine/deploy/step.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

/** What the generator has decided so far, by URN. */
export class Ledger {
  /** Every URN that the program used. */
  readonly urns = new Set<Urn>();
  readonly reads = new Set<Urn>();
  readonly creates = new Set<Urn>();
  readonly updates = new Set<Urn>();
  readonly sames = new Set<Urn>();
  readonly replaces = new Set<Urn>();
  readonly imports = new Set<Urn>();
  readonly refreshes = new Set<Urn>();
  readonly deletes = new Set<Urn>();
  /** New resources that weren't created because they aren't targets. */
  readonly skippedCreates = new Set<Urn>();
  /** From a former URN to the one that claimed it, and back. */
  readonly claimedBy = new Map<Urn, Urn>();
  readonly formerUrn = new Map<Urn, Urn>();
  /** States (not URNs) whose deletion is planned already as part of another replacement. */
  readonly plannedDeletes = new Set<ResourceState>();
  /** What makes a dependent of a deleted resource need replacement. */
  readonly dependentReplaceKeys = new Map<Urn, readonly string[]>();
  /** Provider resources as registered, by URN and former URN. */
  readonly providers = new Map<Urn, ResourceState>();
  /** In a destroy that runs the program: steps whose results are to be deleted at the end. */
  readonly toDelete: Step[] = [];
  /** In a refresh that runs the program: what became of the old states. */
  readonly refreshed = new Map<ResourceState, ResourceState>();
  sawError = false;

  /** Whether a step was generated for the URN. */
  hasStep(urn: Urn): boolean {
    return this.creates.has(urn) || this.sames.has(urn) || this.updates.has(urn) || this.deletes.has(urn) || this.replaces.has(urn) || this.reads.has(urn);
  }

  /** Whether an old state with the URN lives on, perhaps under another name. */
  livesOn(urn: Urn): boolean {
    const now = this.claimedBy.get(urn) ?? urn;
    return this.sames.has(now) || this.updates.has(now) || this.replaces.has(now) || this.reads.has(now) || this.refreshes.has(now);
  }
}
