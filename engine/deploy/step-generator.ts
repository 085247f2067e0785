import { randomBytes } from "node:crypto";
import { messageOf } from "#core/errors.ts";
import { containsUnknowns, type PropertyMap, type PropertyValue, unwrapSecrets } from "#core/property-value.ts";
import { parseUrn, type Urn } from "#core/urn.ts";
import type { Naming } from "#engine/deploy/autonaming.ts";
import { BailError } from "#engine/deploy/bail-error.ts";
import { diffResource, ignoreChanges } from "#engine/deploy/diff-resource.ts";
import type { Goal, ReadEvent, RegisterEvent } from "#engine/deploy/goal.ts";
import { Identities } from "#engine/deploy/identities.ts";
import { Ledger } from "#engine/deploy/ledger.ts";
import { Lock } from "#engine/deploy/lock.ts";
import { plannedState } from "#engine/deploy/planned-state.ts";
import { providerForcesReplacement } from "#engine/deploy/provider-change.ts";
import { DiffUnavailableError, type ResourceManager } from "#engine/deploy/provider-handle.ts";
import { deniedPackage, isProviderType, parseReference } from "#engine/deploy/provider-reference.ts";
import { ReplacementDecider } from "#engine/deploy/replacement-decider.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import { Slots } from "#engine/deploy/slots.ts";
import type { Step } from "#engine/deploy/step.ts";
import { showValue } from "#engine/deploy/step-events.ts";
import { CreateStep, noReason } from "#engine/deploy/steps/create-step.ts";
import { ImportStep } from "#engine/deploy/steps/import-step.ts";
import { ReadStep } from "#engine/deploy/steps/read-step.ts";
import { RefreshStep } from "#engine/deploy/steps/refresh-step.ts";
import { ReplaceStep } from "#engine/deploy/steps/replace-step.ts";
import { SameStep, SkippedCreateStep } from "#engine/deploy/steps/same-step.ts";
import { TargetRules } from "#engine/deploy/target-rules.ts";
import { makeState, type ResourceState } from "#engine/state/resource-state.ts";
import { equalBags } from "#engine/values/value-diff.ts";
import type { DiffResponse } from "#providers/contract.ts";

/** What the program runs for: to change things, to refresh them, or to be destroyed. */
export type GeneratorMode = "update" | "refresh" | "destroy";

/** Runs a chain of steps and tells whether all succeeded. */
export type ExecuteChain = (chain: readonly Step[]) => Promise<boolean>;

/** A registration on its way to its steps. */
interface Pending {
  readonly event: RegisterEvent;
  readonly goal: Goal;
  readonly urn: Urn;
  readonly seed: Uint8Array;
  readonly naming: Naming | undefined;
  old: ResourceState | undefined;
  planned: ResourceState;
  invalid: boolean;
}

const noDiff: DiffResponse = { changes: "none", replaces: [], diffs: [], deleteBeforeReplace: false };

/**
 * Turns registrations into steps. Decisions are made one registration at a time; checks and diffs of different resources run at the same time.
 * Mirrors pulumi/pulumi:pkg/resource/deploy/step_generator.go (v3.259.0).
 */
export class StepGenerator {
  readonly ledger = new Ledger();
  readonly mode: GeneratorMode;
  readonly targetRules: TargetRules;
  readonly #context: RunContext;
  readonly #refreshFirst: boolean;
  readonly #execute: ExecuteChain;
  readonly #decisions = new Lock();
  readonly #calls: Slots;
  readonly #decider: ReplacementDecider;
  readonly #identities: Identities;

  constructor(context: RunContext, mode: GeneratorMode, refreshFirst: boolean, execute: ExecuteChain) {
    this.#context = context;
    this.mode = mode;
    this.#refreshFirst = refreshFirst;
    this.#execute = execute;
    this.#calls = new Slots(context.request.parallel);
    this.targetRules = new TargetRules(context, this.ledger);
    this.#decider = new ReplacementDecider(context, this.ledger);
    this.#identities = new Identities(context, this.ledger);
  }

  /** The steps for something the program wants to read. */
  async readSteps(event: ReadEvent): Promise<Step[]> {
    return await this.#decisions.hold(async () => {
      const urn = this.#identities.claim(event.parent, event.type, event.name);
      const { old, former } = this.#identities.find(urn, event, []);
      if (event.id === "") throw new Error(`Expected an ID for ${urn}`);
      const planned = makeState({
        urn,
        type: event.type,
        custom: true,
        external: true,
        id: event.id,
        inputs: event.properties,
        parent: event.parent,
        dependencies: event.dependencies,
        provider: event.provider,
        additionalSecretOutputs: event.additionalSecretOutputs,
        aliases: former ? [former] : [],
        sourcePosition: event.sourcePosition,
        stackTrace: event.stackTrace,
      });
      if (old && !old.external && old.id !== event.id) {
        this.ledger.replaces.add(urn);
        const read = new ReadStep(this.#context, old, planned, event.done, true);
        return [read, new ReplaceStep(this.#context, old, read, noReason)];
      }
      const read = new ReadStep(this.#context, old, planned, event.done);
      if (this.mode === "destroy") this.ledger.toDelete.push(read);
      this.ledger.reads.add(urn);
      return [read];
    });
  }

  /** The steps for one registration. Resolves with none where the answer was given already. */
  async registerSteps(event: RegisterEvent): Promise<Step[]> {
    const pending = await this.#decisions.hold(async () => this.#identify(event));
    if (!(await this.#refresh(pending))) return [];
    const early = await this.#decisions.hold(async () => this.#stepsWithoutProvider(pending));
    if (early) return early;
    const manager = await this.#decisions.hold(async () => await this.#managerOf(pending));
    if (!(await this.#import(pending))) return [];
    await this.#check(pending, manager);
    const steps = await this.#decisions.hold(async () => await this.#decide(pending, manager));
    if (steps) return this.#doomed(pending, steps);
    const found = await this.#diff(pending, manager);
    return this.#doomed(pending, await this.#decisions.hold(async () => await this.#conclude(pending, manager, found)));
  }

  /** Before a destroy, components and providers are brought up to date, and go afterwards. */
  #doomed({ urn }: Pending, steps: Step[]): Step[] {
    const lasting = this.mode === "destroy" ? steps.find((step) => step.urn === urn && step.new && step.op !== "replace") : undefined;
    if (lasting) this.ledger.toDelete.push(lasting);
    return steps;
  }

  #identify(event: RegisterEvent): Pending {
    const { goal } = event;
    const urn = this.#identities.claim(goal.parent, goal.type, goal.name);
    const { old, former, invalid } = this.#identities.find(urn, goal, goal.aliases);
    const planned = plannedState(urn, goal, old, former);
    const seed = randomBytes(32);
    const naming = goal.custom ? this.#context.autonaming.of(urn, seed) : undefined;
    const pending: Pending = { event, goal, urn, old, planned, invalid, seed, naming };
    if (isProviderType(goal.type)) {
      this.ledger.providers.set(urn, planned);
      if (former) this.ledger.providers.set(former, planned);
    }
    return pending;
  }

  /** Refreshes the old state first where that was asked for; answers whether to go on. */
  async #refresh(pending: Pending): Promise<boolean> {
    const { old } = pending;
    if (!old || !this.#refreshFirst || !this.targetRules.includes(old)) return true;
    this.ledger.refreshes.add(pending.urn);
    if (old.provider) await this.#context.ensureProvider(old.provider).catch(() => undefined);
    const step = new RefreshStep(this.#context, old, pending.planned);
    if (!(await this.#execute([step]))) return false;
    pending.old = step.new;
    if (step.new) {
      this.#context.graph.alias(step.new, old);
      this.ledger.refreshed.set(old, step.new);
    }
    return true;
  }

  /** Steps for resources that the mode leaves alone. */
  #stepsWithoutProvider({ event, goal, urn, old, planned }: Pending): Step[] | undefined {
    const isOrdinary = goal.custom && !isProviderType(goal.type);
    const lacksDependency = this.targetRules.skippedDependency(planned) !== undefined;
    if (this.mode === "refresh" && (isOrdinary || lacksDependency)) {
      if (old) {
        event.done({ state: old, result: "success", unknown: false });
        return [];
      }
      this.ledger.sames.add(urn);
      this.ledger.skippedCreates.add(urn);
      return [new SkippedCreateStep(this.#context, planned, event.done)];
    }
    if (this.mode !== "destroy") return undefined;
    if (lacksDependency || (isOrdinary && !old)) {
      this.ledger.skippedCreates.add(urn);
      return [new SkippedCreateStep(this.#context, old ? { ...planned, outputs: old.outputs } : planned, event.done)];
    }
    if (isOrdinary && old) {
      this.ledger.sames.add(urn);
      const same = new SameStep(this.#context, old, { ...planned, inputs: old.inputs }, event.done);
      this.ledger.toDelete.push(same);
      return [same];
    }
    return undefined;
  }

  async #managerOf({ urn, goal }: Pending): Promise<ResourceManager | undefined> {
    if (!goal.custom) return undefined;
    if (isProviderType(goal.type)) return this.#context.providers;
    const denied = deniedPackage(goal.provider);
    if (denied) this.#bail(urn, `Default provider for '${denied}' disabled. '${urn}' must use an explicit provider.`);
    const handle = this.#context.providers.get(goal.provider);
    if (handle) return handle;
    const reference = parseReference(goal.provider);
    const old = this.#context.olds.get(reference.urn);
    if (!old || old.id !== reference.id) this.#bail(urn, `unknown provider '${goal.provider}' for resource '${urn}'`);
    await this.#context.ensureProvider(goal.provider);
    this.targetRules.queueUntargetedSame(reference.urn);
    return this.#context.providers.get(goal.provider);
  }

  #bail(urn: Urn, message: string): never {
    this.#context.diagnostics.error(urn, message);
    throw new BailError(message);
  }

  /** Adopts an existing resource where the program asks for it; answers whether to go on. */
  async #import(pending: Pending): Promise<boolean> {
    const { goal, old, planned, urn } = pending;
    const oldId = old && (old.importId || old.id);
    if (!goal.custom || !goal.importId || (old && !old.external && oldId === goal.importId)) return true;
    this.ledger.imports.add(urn);
    const original = old && !this.ledger.deletes.has(urn) ? old : undefined;
    const step = new ImportStep(this.#context, planned, pending.event.done, original);
    if (!(await this.#execute(original ? [step, new ReplaceStep(this.#context, original, step, noReason)] : [step]))) return false;
    const found = step.new!;
    pending.old = found;
    pending.planned = { ...planned, created: found.created, modified: found.modified, replacementTrigger: undefined };
    return true;
  }

  /** Has the provider check the inputs; `planned` then holds what it made of them. */
  async #check(pending: Pending, manager: ResourceManager | undefined): Promise<void> {
    const { goal, old, urn } = pending;
    const inputs = old ? ignoreChanges(this.#context, urn, goal.properties, old.inputs, goal.ignoreChanges) : goal.properties;
    const startsAfresh = !old || old.external || this.ledger.deletes.has(urn) || this.#isReplaceTarget(urn, old);
    if (!manager) pending.planned = { ...pending.planned, inputs };
    else if (!this.targetRules.isTarget(pending.planned)) pending.planned = { ...pending.planned, inputs: old?.inputs ?? {} };
    else if (!(await this.#checkInputs(pending, manager, startsAfresh ? undefined : old, startsAfresh ? goal.properties : inputs))) pending.invalid = true;
    if (isProviderType(goal.type)) {
      this.ledger.providers.set(urn, pending.planned);
      for (const former of pending.planned.aliases) this.ledger.providers.set(former, pending.planned);
    }
  }

  async #checkInputs(pending: Pending, manager: ResourceManager, old: ResourceState | undefined, news: PropertyMap): Promise<boolean> {
    const { type, name } = parseUrn(pending.urn);
    const autonaming = pending.naming && { autonaming: pending.naming.options };
    const response = await this.#calls.run(() =>
      manager.check({ urn: pending.urn, type, name, olds: old?.inputs, news, randomSeed: pending.seed, ...autonaming }, pending.naming?.isDemanded),
    );
    pending.planned = { ...pending.planned, inputs: response.inputs };
    for (const { property, reason } of response.failures) {
      const subject = `${type} resource '${name}'`;
      const text = property
        ? `${subject}: property ${property} value {${showValue(response.inputs[property])}} has a problem: ${reason}`
        : `${subject} has a problem: ${reason}`;
      this.#context.diagnostics.error(pending.urn, text);
    }
    return response.failures.length === 0;
  }

  /** The steps where no diff is needed. */
  async #decide(pending: Pending, manager: ResourceManager | undefined): Promise<Step[] | undefined> {
    const { event, urn, old, planned, goal } = pending;
    const isTarget = this.targetRules.isTarget(planned);
    if (isTarget) this.targetRules.queueUntargetedDependencies(planned);
    if (pending.invalid) throw new BailError(`resource ${urn} is invalid`);
    if (old && this.ledger.deletes.has(urn)) return await this.#recreate(pending, manager);
    if (old?.external) {
      this.ledger.creates.add(urn);
      const create = new CreateStep(this.#context, planned, event.done, { old, reason: noReason, deleteOldLater: true });
      return this.targetRules.validated([create, new ReplaceStep(this.#context, old, create, noReason)]);
    }
    this.targetRules.noteActual(planned, isTarget);
    if (old) {
      if (!isTarget) return this.targetRules.validated(this.targetRules.untargetedSames(urn, old, event.done));
      if (!this.#context.dryRun && goal.replacementTrigger !== undefined && containsUnknowns(goal.replacementTrigger)) {
        this.ledger.sawError = true;
        this.#bail(urn, `replacement trigger contains unknowns for ${urn}`);
      }
      return undefined;
    }
    if (!isTarget) {
      this.ledger.sames.add(urn);
      this.ledger.skippedCreates.add(urn);
      return [new SkippedCreateStep(this.#context, planned, event.done)];
    }
    this.ledger.creates.add(urn);
    return this.targetRules.validated([new CreateStep(this.#context, planned, event.done)]);
  }

  /** A dependent that was deleted ahead of the replacement of what it depends on. */
  async #recreate(pending: Pending, manager: ResourceManager | undefined): Promise<Step[]> {
    const { urn, event, old, goal } = pending;
    if (!old) throw new Error(`cannot recreate ${urn}, which doesn't exist`);
    // It was checked against inputs of a resource that is gone by now, names that the provider made up among them.
    if (manager && !(await this.#checkInputs(pending, manager, undefined, goal.properties))) throw new BailError(`resource ${urn} is invalid`);
    this.ledger.deletes.delete(urn);
    this.ledger.replaces.add(urn);
    const reason = { ...noReason, keys: this.ledger.dependentReplaceKeys.get(urn) ?? [] };
    const create = new CreateStep(this.#context, pending.planned, event.done, { old, reason, deleteOldLater: false });
    return this.targetRules.validated([new ReplaceStep(this.#context, old, create, noReason), create]);
  }

  async #diff(
    { urn, old, planned, goal }: Pending,
    manager: ResourceManager | undefined,
  ): Promise<{ readonly diff: DiffResponse; readonly triggered: boolean }> {
    if (!old) throw new Error(`${urn} has nothing to be compared with`);
    const some = (key: string): DiffResponse => ({ ...noDiff, changes: "some", replaces: [key] });
    if (isTriggered(planned.replacementTrigger, old.replacementTrigger)) return { diff: { ...noDiff, changes: "some" }, triggered: true };
    if (this.#isReplaceTarget(urn, old)) return { diff: some("id"), triggered: false };
    if (planned.replaceWith.some((peer) => this.ledger.replaces.has(peer))) return { diff: some("replaceWith"), triggered: false };
    if (planned.deletedWith && this.ledger.replaces.has(planned.deletedWith)) return { diff: some("deletedWith"), triggered: false };
    if (await providerForcesReplacement(this.#context, this.ledger, old, planned)) return { diff: some("provider"), triggered: false };
    if (!manager) return { diff: equalBags(old.inputs, planned.inputs) ? noDiff : { ...noDiff, changes: "some" }, triggered: false };
    try {
      const request = { urn, id: old.id, oldInputs: old.inputs, oldOutputs: old.outputs, news: planned.inputs, ignoreChanges: goal.ignoreChanges };
      return { diff: await this.#calls.run(() => diffResource(this.#context, manager, request)), triggered: false };
    } catch (error) {
      if (!(error instanceof DiffUnavailableError)) throw error;
      this.#context.diagnostics.warning(urn, messageOf(error));
      return { diff: { ...noDiff, changes: "some" }, triggered: false };
    }
  }

  async #conclude(
    pending: Pending,
    manager: ResourceManager | undefined,
    found: { readonly diff: DiffResponse; readonly triggered: boolean },
  ): Promise<Step[]> {
    const { urn, old, event, goal } = pending;
    if (!old) throw new Error(`${urn} has nothing to be compared with`);
    if (this.ledger.deletes.has(urn)) return await this.#recreate(pending, manager);
    const recheck = manager && !this.#isReplaceTarget(urn, old) ? () => this.#checkInputs(pending, manager, undefined, goal.properties) : undefined;
    const steps = await this.#decider.steps({
      event,
      urn,
      old,
      planned: () => pending.planned,
      ...found,
      hasFixedName: pending.naming?.isFixed ?? false,
      recheck,
    });
    if (steps.length) return this.targetRules.validated(steps);
    if (this.ledger.imports.has(urn)) {
      event.done({ state: old, result: "success", unknown: false });
      return [];
    }
    this.ledger.sames.add(urn);
    return this.targetRules.validated([new SameStep(this.#context, old, pending.planned, event.done)]);
  }

  #isReplaceTarget(urn: Urn, old: ResourceState | undefined): boolean {
    return (this.#context.replaceTargets.constrained && this.#context.replaceTargets.contains(urn)) || (old?.taint ?? false);
  }
}

/** A trigger that wasn't there, or isn't any more, doesn't count as changed; an unknown one does. */
function isTriggered(now: PropertyValue | undefined, before: PropertyValue | undefined): boolean {
  const plainNow = now === undefined ? null : unwrapSecrets(now);
  const plainBefore = before === undefined ? null : unwrapSecrets(before);
  if (containsUnknowns(plainNow) || containsUnknowns(plainBefore)) return true;
  return plainNow !== null && plainBefore !== null && !equalBags({ value: plainNow }, { value: plainBefore });
}
