import { parseUrn } from "#core/urn.ts";
import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import type { RegisterResult } from "#engine/deploy/goal.ts";
import { packageOfToken } from "#engine/deploy/provider-reference.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Applied } from "#engine/deploy/step.ts";
import { BaseStep, failureOf } from "#engine/deploy/steps/base-step.ts";
import type { PendingOperation, ResourceState } from "#engine/state/resource-state.ts";
import type { ReadResponse } from "#providers/contract.ts";

/** Adopts an existing resource; what the program wants to differ from it is decided afterwards. */
export class ImportStep extends BaseStep {
  readonly op: "import" | "import-replacement";
  override readonly logical: boolean;
  readonly #original: ResourceState | undefined;
  /** The resource as it was found, once it was. */
  #found: ResourceState | undefined;
  #amended: { state: ResourceState; by: ResourceState } | undefined;

  constructor(context: RunContext, planned: ResourceState, done: (result: RegisterResult) => void, original: ResourceState | undefined) {
    super(context, undefined, planned, done);
    this.op = original ? "import-replacement" : "import";
    this.logical = !original;
    this.#original = original;
  }

  override get old(): ResourceState | undefined {
    return this.#found;
  }

  get pending(): PendingOperation {
    return { resource: this.planned, type: "importing" };
  }

  async apply(): Promise<Applied> {
    const planned = this.planned;
    let answer: ReadResponse;
    let initErrors: readonly string[] = [];
    try {
      answer = await this.#read();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.status !== "partial") return failure;
      answer = { id: failure.id, inputs: failure.inputs, outputs: failure.outputs };
      initErrors = failure.reasons;
    }
    if (answer.id === undefined) return { status: "ok", error: new Error(`resource '${planned.importId}' does not exist`) };
    if (!answer.inputs)
      return {
        status: "ok",
        error: new Error(`provider does not support importing resources; please try updating the '${packageOfToken(planned.type)}' plugin`),
      };
    const now = this.context.now();
    this.after = { ...planned, id: answer.id || planned.importId, inputs: answer.inputs, outputs: answer.outputs, initErrors, created: now, modified: now };
    this.#found = { ...this.after, additionalSecretOutputs: [], aliases: [], created: "", modified: "", replacementTrigger: undefined, resourceHooks: {} };
    if (this.#original) {
      const state = this.context.latest(this.#original);
      const by = { ...state, delete: true };
      this.context.amend(state, by);
      this.#amended = { state, by };
    }
    return { status: "ok" };
  }

  change(): SnapshotChange {
    return { put: this.planned, ...(this.#amended ? { amend: this.#amended } : {}) };
  }

  async #read(): Promise<ReadResponse> {
    const state = this.planned;
    return await this.context.managerOf(state).read({
      urn: state.urn,
      type: state.type,
      name: parseUrn(state.urn).name,
      id: state.importId,
      inputs: {},
      outputs: {},
      timeout: state.customTimeouts.read ?? 0,
    });
  }
}
