import { parseUrn, rootStackType, type Urn } from "#core/urn.ts";
import { BailError } from "#engine/deploy/bail-error.ts";
import { type Link, linksOf, requiredUrns } from "#engine/deploy/dependency-graph.ts";
import type { RegisterResult } from "#engine/deploy/goal.ts";
import type { Ledger } from "#engine/deploy/ledger.ts";
import { isProviderType, parseReference } from "#engine/deploy/provider-reference.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Step } from "#engine/deploy/step.ts";
import { SameStep } from "#engine/deploy/steps/same-step.ts";
import { Targets } from "#engine/deploy/targets.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

const linkNames: Readonly<Record<Link["kind"], string>> = {
  parent: "parent",
  dependency: "dependency",
  property: "property dependency",
  "deleted-with": "deleted with dependency",
  "replace-with": "replace with dependency",
};

/** What `--target`, `--exclude` and their dependents options leave out of an operation, and what has to be carried along unchanged because of that. */
export class TargetRules {
  readonly #context: RunContext;
  readonly #ledger: Ledger;
  /** Targets and those found to depend on them so far; likewise for excludes. */
  readonly #targets: Targets;
  readonly #excludes: Targets;
  readonly #queued = new Set<Urn>();
  #carried: Step[] = [];

  constructor(context: RunContext, ledger: Ledger) {
    this.#context = context;
    this.#ledger = ledger;
    this.#targets = new Targets(context.request.targets);
    this.#excludes = new Targets(context.excludeUrns);
  }

  /** Whether the operation includes the resource. */
  includes(state: ResourceState): boolean {
    if (this.#context.targets.constrained) return this.#isTargeted(state);
    return !this.#context.excludes.constrained || !this.#isExcluded(state);
  }

  /** As {@link includes}; providers and the root stack belong to every update. */
  isTarget(state: ResourceState): boolean {
    return isProviderType(state.type) || parseUrn(state.urn).qualifiedType === rootStackType || this.includes(state);
  }

  /** Remembers what a resource is, for those that depend on it. */
  noteActual(state: ResourceState, isTarget: boolean): void {
    if (this.#context.excludes.constrained && !isTarget && this.#isExcluded(state)) this.#excludes.add(state.urn);
    else if (isTarget && this.#isTargeted(state)) this.#targets.add(state.urn);
  }

  /** A dependency that doesn't exist because it wasn't a target. */
  skippedDependency(state: ResourceState): Urn | undefined {
    if (this.#ledger.skippedCreates.size === 0) return undefined;
    return requiredUrns(state).find((urn) => this.#ledger.skippedCreates.has(urn));
  }

  /** An old state stays as it is, and with it all it depends on that the run didn't come by yet. */
  untargetedSames(urn: Urn, old: ResourceState, done: (result: RegisterResult) => void): Step[] {
    if (old.provider && !this.#context.providers.get(old.provider)) {
      const reference = parseReference(old.provider);
      const provider = this.#context.olds.get(reference.urn);
      if (!provider || provider.id !== reference.id) throw new Error(`could not find provider ${old.provider} in old state`);
      throw new Error(
        `provider ${old.provider} for resource ${urn} has not been registered yet, this is due to a change of providers mixed with --target. ` +
          "Change your program back to the original providers",
      );
    }
    return this.#samesOf(urn, old, done);
  }

  /** The provider only the old state knows is kept along with what uses it. */
  queueUntargetedSame(urn: Urn): void {
    const old = this.#context.olds.get(urn);
    if (!old || this.#queued.has(urn)) return;
    this.#queued.add(urn);
    this.#carried.push(this.#sameOf(old));
  }

  /** Dependencies of a target that the program didn't register are kept along with it. */
  queueUntargetedDependencies(state: ResourceState): void {
    if (!this.#context.targets.constrained) return;
    for (const link of linksOf(state)) this.#queue(link.urn);
  }

  /** The steps with what has to be carried along first; fails where one of them needs something that wasn't created. */
  validated(steps: readonly Step[]): Step[] {
    const carried = this.#carried.filter((step) => !this.#ledger.hasStep(step.urn) && !this.#ledger.livesOn(step.urn));
    this.#carried = [];
    for (const step of carried) {
      this.#ledger.urns.add(step.urn);
      this.#ledger.sames.add(step.urn);
    }
    const all = [...carried, ...steps];
    if (this.#context.targets.constrained || this.#context.replaceTargets.constrained) for (const step of all) this.#refuseMissingDependencies(step);
    return all;
  }

  #refuseMissingDependencies(step: Step): void {
    if (!step.new || step.skippedCreate) return;
    for (const urn of requiredUrns(step.new)) {
      if (!this.#ledger.skippedCreates.has(urn)) continue;
      this.#context.diagnostics.error(step.urn, `Resource '${step.urn}' depends on '${urn}' which was was not specified in --target list.`);
      this.#ledger.sawError = true;
      if (!this.#context.dryRun) throw new BailError("untargeted create");
      // Told once.
      this.#ledger.skippedCreates.delete(urn);
    }
  }

  #samesOf(urn: Urn, old: ResourceState, done?: (result: RegisterResult) => void): Step[] {
    if (old.delete) return [];
    this.#ledger.urns.add(old.urn);
    this.#ledger.sames.add(urn);
    this.#ledger.sames.add(old.urn);
    const steps: Step[] = [];
    if (old.provider) {
      const reference = parseReference(old.provider);
      const provider = this.#context.olds.get(reference.urn);
      if (!this.#ledger.hasStep(reference.urn) && !this.#ledger.livesOn(reference.urn) && provider?.id === reference.id)
        steps.push(...this.#samesOf(urn, provider));
    }
    for (const link of linksOf(old)) {
      if (this.#ledger.hasStep(link.urn)) continue;
      const dependency = this.#context.olds.get(link.urn);
      if (!dependency) throw this.#missing(link, urn);
      steps.push(...this.#samesOf(urn, dependency));
    }
    return [...steps, this.#sameOf(old, done)];
  }

  #missing(link: Link, urn: Urn): BailError {
    const whose = link.kind === "property" ? `untargeted resource ${urn}'s property ${link.key}` : `untargeted resource ${urn}`;
    return new BailError(`${linkNames[link.kind]} ${link.urn} of ${whose} has no old state`);
  }

  #queue(urn: Urn): void {
    if (this.#ledger.hasStep(urn) || this.#queued.has(urn)) return;
    const old = this.#context.olds.get(urn);
    if (!old || old.delete) return;
    this.#queued.add(urn);
    if (old.provider) {
      const reference = parseReference(old.provider);
      if (this.#context.olds.get(reference.urn)?.id === reference.id) this.#queue(reference.urn);
    }
    for (const link of linksOf(old)) this.#queue(link.urn);
    this.#carried.push(this.#sameOf(old));
  }

  #sameOf(old: ResourceState, done?: (result: RegisterResult) => void): Step {
    return new SameStep(this.#context, old, { ...old }, done, true);
  }

  #isTargeted(state: ResourceState): boolean {
    if (this.#context.targets.constrained && this.#context.targets.contains(state.urn)) return true;
    return this.#context.request.targetDependents && this.#context.targets.constrained && requiredUrns(state).some((urn) => this.#targets.contains(urn));
  }

  #isExcluded(state: ResourceState): boolean {
    if (this.#context.excludes.contains(state.urn)) return true;
    return this.#context.request.excludeDependents && requiredUrns(state).some((urn) => this.#excludes.contains(urn));
  }
}
