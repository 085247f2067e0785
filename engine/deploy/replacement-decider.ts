import { messageOf } from "#core/errors.ts";
import type { Urn } from "#core/urn.ts";
import { BailError } from "#engine/deploy/bail-error.ts";
import { isReplacement, withReplaceOnChanges } from "#engine/deploy/diff-resource.ts";
import type { RegisterEvent } from "#engine/deploy/goal.ts";
import type { Ledger } from "#engine/deploy/ledger.ts";
import { dependentReplacements, replacedTogether } from "#engine/deploy/replacement-planner.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Step } from "#engine/deploy/step.ts";
import { showValue } from "#engine/deploy/step-events.ts";
import { CreateStep, type ReplacementReason } from "#engine/deploy/steps/create-step.ts";
import { DeleteStep } from "#engine/deploy/steps/delete-step.ts";
import { ReplaceStep } from "#engine/deploy/steps/replace-step.ts";
import { UpdateStep } from "#engine/deploy/steps/update-step.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";
import type { DiffResponse } from "#providers/contract.ts";

export interface Difference {
  readonly event: RegisterEvent;
  readonly urn: Urn;
  readonly old: ResourceState;
  /** The state to come, with the inputs of the last check. */
  readonly planned: () => ResourceState;
  readonly diff: DiffResponse;
  /** The replacement trigger changed. */
  readonly triggered: boolean;
  /** The configured name has no random part, so that old and new resource can't exist side by side. */
  readonly hasFixedName: boolean;
  /** Checks the inputs anew without the old ones, so that names are made up afresh; answers false where they are refused. */
  readonly recheck: (() => Promise<boolean>) | undefined;
}

/** Decides between leaving a resource, updating it in place and replacing it. Mirrors `continueStepsFromDiff` of pulumi/pulumi:pkg/resource/deploy/step_generator.go (v3.259.0). */
export class ReplacementDecider {
  readonly #context: RunContext;
  readonly #ledger: Ledger;

  constructor(context: RunContext, ledger: Ledger) {
    this.#context = context;
    this.#ledger = ledger;
  }

  /** The steps; none where the resource is as it should be. */
  async steps(difference: Difference): Promise<Step[]> {
    const { event, urn, old } = difference;
    const hasInitErrors = old.initErrors.length > 0;
    const diff = withReplaceOnChanges(difference.diff, event.goal.replaceOnChanges, hasInitErrors);
    const differs = diff.changes === "some" || old.pendingReplacement;
    if (differs && (isReplacement(diff) || difference.triggered || old.pendingReplacement)) return await this.#replace(difference, diff);
    if (!differs && !hasInitErrors) return [];
    this.#ledger.updates.add(urn);
    return [new UpdateStep(this.#context, old, difference.planned(), event.done, diff, event.goal.ignoreChanges)];
  }

  async #replace({ event, urn, old, planned, hasFixedName, recheck }: Difference, diff: DiffResponse): Promise<Step[]> {
    this.#refuseProtected(urn, old, planned());
    this.#refuseImported(event, urn, old, planned(), diff);
    this.#ledger.replaces.add(urn);
    if (recheck && !(await recheck())) throw new BailError(`resource ${urn} has check errors`);
    const reason: ReplacementReason = { keys: diff.replaces, diffs: diff.diffs, detailedDiff: diff.detailedDiff };
    const deleteFirst = hasFixedName || (event.goal.deleteBeforeReplace ?? diff.deleteBeforeReplace);
    const create = new CreateStep(this.#context, planned(), event.done, { old, reason, deleteOldLater: !deleteFirst });
    const replace = new ReplaceStep(this.#context, old, create, reason);
    if (!deleteFirst) return [create, replace];
    return [...(await this.#deletesBefore(urn, old)), replace, create];
  }

  /** Deletes of the resource and, before it, of all that can't do without it. */
  async #deletesBefore(urn: Urn, old: ResourceState): Promise<Step[]> {
    const steps: Step[] = [];
    const alsoDeleted = (other: Urn) => this.#ledger.deletes.has(other);
    const dependents = this.#context.graph.contains(this.#context.original(old)) ? await dependentReplacements(this.#context, this.#ledger, old) : [];
    const together = replacedTogether(this.#context, this.#ledger, urn).filter(({ state }) => !dependents.some((other) => other.state === state));
    for (const { state, keys } of [...dependents, ...together].reverse()) {
      if (this.#ledger.plannedDeletes.has(state)) continue;
      const current = this.#context.latest(state);
      this.#ledger.dependentReplaceKeys.set(state.urn, keys);
      if (current.delete) steps.push(new DeleteStep(this.#context, state, { replacing: false, pendingReplacement: false, alsoDeleted }));
      else {
        if (current.protect) this.#fail(urn, protectedDependentText(state.urn, urn));
        steps.push(new DeleteStep(this.#context, state, { replacing: true, pendingReplacement: true, alsoDeleted }));
      }
      this.#ledger.deletes.add(state.urn);
      this.#ledger.plannedDeletes.add(state);
    }
    try {
      await this.#context.ensureProvider(old.provider);
    } catch (error) {
      throw new Error(`could not load provider for resource ${old.urn}: ${messageOf(error)}`, { cause: error });
    }
    if (!old.pendingReplacement) {
      this.#ledger.deletes.add(old.urn);
      steps.push(new DeleteStep(this.#context, old, { replacing: true, pendingReplacement: true, alsoDeleted }));
    }
    return steps;
  }

  /** A preview goes on after telling. */
  #refuseProtected(urn: Urn, old: ResourceState, planned: ResourceState): void {
    if (!planned.protect || !old.protect) return;
    const message =
      `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the resource, ` +
      "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`";
    this.#ledger.sawError = true;
    this.#context.diagnostics.error(urn, message);
    if (!this.#context.dryRun) throw new BailError(message);
  }

  #refuseImported(event: RegisterEvent, urn: Urn, old: ResourceState, planned: ResourceState, diff: DiffResponse): void {
    if (!event.goal.importId) return;
    const changes = diff.replaces.map((key) => `${key}: ${showValue(old.inputs[key])} => ${showValue(planned.inputs[key])}`).join("\n");
    const message = `previously-imported resources that still specify an ID may not be replaced; please remove the \`import\` declaration from your program;\n${changes}`;
    if (!this.#context.dryRun) throw new Error(message);
    this.#context.diagnostics.warning(urn, message);
  }

  #fail(urn: Urn, message: string): never {
    this.#ledger.sawError = true;
    this.#context.diagnostics.error(urn, message);
    throw new BailError(message);
  }
}

function protectedDependentText(dependent: Urn, root: Urn): string {
  return (
    `unable to replace resource "${dependent}" as part of replacing "${root}" as it is currently marked for protection. To unprotect the resource, ` +
    "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the command:\n" +
    `\`pulumi state unprotect '${dependent}'\``
  );
}
