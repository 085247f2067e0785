import { parseUrn, type Urn } from "#core/urn.ts";
import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import { occasionOf } from "#engine/deploy/hooks.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Applied } from "#engine/deploy/step.ts";
import { BaseStep, failureOf } from "#engine/deploy/steps/base-step.ts";
import type { PendingOperation, ResourceState } from "#engine/state/resource-state.ts";

/** The resource is protected; other deletions go on nevertheless. */
export class DeleteProtectedError extends Error {
  constructor(urn: Urn) {
    super(
      `resource "${urn}" cannot be deleted\n` +
        "because it is protected. To unprotect the resource, either remove the `protect` flag from the resource in your Pulumi " +
        `program and run \`pulumi up\`, or use the command:\n\`pulumi state unprotect '${urn}'\``,
    );
    this.name = "DeleteProtectedError";
  }
}

export interface DeleteOptions {
  /** Part of a replacement. */
  readonly replacing: boolean;
  /** Deleted before its replacement is made. */
  readonly pendingReplacement: boolean;
  /** Whether the resource with this URN goes too. */
  readonly alsoDeleted: (urn: Urn) => boolean;
}

/** Removes a resource, or only forgets one that isn't managed or goes with another. */
export class DeleteStep extends BaseStep {
  readonly op: "delete" | "delete-replaced" | "discard" | "discard-replaced";
  override readonly logical: boolean;
  readonly #options: DeleteOptions;
  #amended: { state: ResourceState; by: ResourceState } | undefined;

  constructor(context: RunContext, old: ResourceState, options: DeleteOptions) {
    super(context, old, undefined);
    const verb = old.external ? "discard" : "delete";
    this.op = options.replacing ? `${verb}-replaced` : verb;
    this.logical = !options.replacing;
    this.#options = options;
  }

  get pending(): PendingOperation {
    return { resource: this.old!, type: "deleting" };
  }

  async apply(): Promise<Applied> {
    const { hooks } = this.context;
    const old = this.old!;
    const occasion = occasionOf(old, { oldState: old, newState: undefined, oldInputs: old.inputs, oldOutputs: old.outputs });
    await hooks.run("BeforeDelete", old, occasion);
    if (!this.#options.replacing && old.protect) return { status: "ok", error: new DeleteProtectedError(old.urn) };
    const goesByItself = old.external || old.retainOnDelete || (old.deletedWith !== undefined && this.#options.alsoDeleted(old.deletedWith));
    if (!this.context.dryRun && old.custom && !goesByItself) {
      try {
        await hooks.retrying("delete", old, occasion, () => this.#delete(old));
      } catch (error) {
        const failure = failureOf(error);
        return { status: failure.status === "partial" ? "unknown" : failure.status, error: failure.error };
      }
    }
    if (this.#options.pendingReplacement) {
      const by = { ...old, pendingReplacement: true };
      this.context.amend(old, by);
      this.#amended = { state: old, by };
    }
    try {
      await hooks.run("AfterDelete", old, occasion);
    } catch (error) {
      this.context.recordLateError(this.urn, error);
    }
    return { status: "ok" };
  }

  change(): SnapshotChange {
    return this.#amended ? { amend: this.#amended } : { drop: this.old! };
  }

  async #delete(old: ResourceState): Promise<void> {
    await this.context.managerOf(old).delete({
      urn: old.urn,
      type: old.type,
      name: parseUrn(old.urn).name,
      id: old.id,
      oldInputs: old.inputs,
      oldOutputs: old.outputs,
      timeout: old.customTimeouts.delete ?? 0,
    });
  }
}

/** Forgets a resource that was deleted to be replaced and isn't wanted any more. */
export class RemovePendingReplaceStep extends BaseStep {
  readonly op = "remove-pending-replace";
  override readonly logical = false;
  readonly internal = true;

  async apply(): Promise<Applied> {
    return { status: "ok" };
  }

  change(): SnapshotChange {
    return { drop: this.old! };
  }
}
