import { version as pulumiVersion } from "@pulumi/pulumi/version.js";
import { type Clock, systemClock } from "#core/clock.ts";
import { messageOf } from "#core/errors.ts";
import { addCounts, type StepCounts } from "#core/operation.ts";
import { BailError } from "#engine/deploy/bail-error.ts";
import { builtinPackage } from "#engine/deploy/builtin-package.ts";
import type { DeploymentPorts, DeploymentRequest, DeploymentResult, EngineEventBody, RunDeployment } from "#engine/deploy/deployment.ts";
import { ProgramRun, reportUnknownTargets } from "#engine/deploy/program-run.ts";
import { runWithProgram } from "#engine/deploy/program-source.ts";
import { Refresher } from "#engine/deploy/refresher.ts";
import { RunContext } from "#engine/deploy/run-context.ts";
import { StepExecutor } from "#engine/deploy/step-executor.ts";
import type { PendingOperation } from "#engine/state/resource-state.ts";

/** Runs one deployment as Pulumi's own engine would; see {@link RunDeployment}. */
export const runDeployment: RunDeployment = (request, ports) => new DeploymentRun(request, ports, systemClock, pulumiVersion).run();

/** What a run adds up to while it goes on. */
interface Tally {
  counts: StepCounts;
  maybeCorrupt: boolean;
}

/** One run from its first event to its last. Mirrors pulumi/pulumi:pkg/engine/deployment.go and deployment_executor.go `Execute` (v3.259.0). */
export class DeploymentRun {
  readonly #request: DeploymentRequest;
  readonly #ports: DeploymentPorts;
  readonly #context: RunContext;
  readonly #version: string;
  readonly #tallies: Tally[] = [];
  #isOver = false;
  #cancelled = false;

  constructor(request: DeploymentRequest, ports: DeploymentPorts, clock: Clock, version: string) {
    this.#request = request;
    this.#version = version;
    // Steps that a second signal left behind must not report any more.
    this.#ports = { ...ports, emit: (event) => this.#emit(ports, event), readStackOutputs: (name) => ports.readStackOutputs(name) };
    this.#context = new RunContext(request, this.#ports, clock, (context) => {
      const sources = {
        readStackOutputs: (name: string) => ports.readStackOutputs(name),
        findResource: (urn: Parameters<typeof context.news.get>[0]) => context.news.get(urn) ?? context.reads.get(urn),
      };
      return new Map([...request.packages, ["pulumi", builtinPackage(sources, version)]]);
    });
  }

  async run(): Promise<DeploymentResult> {
    const started = performance.now();
    const refusal = this.#refusal();
    if (refusal) {
      this.#ports.emit({ cancelEvent: {} });
      return this.#result("failed", started, refusal);
    }
    this.#ports.emit({ preludeEvent: { config: this.#visibleConfig() } });
    const terminated = Promise.withResolvers<"terminated">();
    const terminate = () => terminated.resolve("terminated");
    this.#ports.cancellation.terminate.addEventListener("abort", terminate, { once: true });
    if (this.#ports.cancellation.terminate.aborted) terminate();
    let failure: unknown;
    const outcome = await Promise.race([
      terminated.promise,
      this.#execute().then(
        () => "succeeded" as const,
        (error: unknown) => {
          failure = error;
          return this.#cancelled ? ("cancelled" as const) : ("failed" as const);
        },
      ),
    ]);
    this.#ports.cancellation.terminate.removeEventListener("abort", terminate);
    const result = this.#result(
      outcome,
      started,
      outcome === "terminated" ? "update cancelled" : failure instanceof BailError || failure === undefined ? undefined : messageOf(failure),
    );
    this.#emitSummary(result);
    this.#ports.emit({ cancelEvent: {} });
    this.#isOver = true;
    const closing = this.#context.providers.closeAll();
    if (outcome !== "terminated") await closing;
    return result;
  }

  async #execute(): Promise<void> {
    const { kind, runProgram, refresh, dryRun } = this.#request;
    const refreshes = refresh || kind === "refresh";
    // The program then says what the resources and providers are that are refreshed.
    const programRefreshes = runProgram && kind !== "destroy";
    const withProgram = kind === "update" || kind === "preview" || (runProgram && this.#request.languageRuntime !== undefined);
    const { cancel } = this.#ports.cancellation;
    const onCancel = () => {
      this.#cancelled = true;
      void this.#context.providers.cancelAll();
    };
    cancel.addEventListener("abort", onCancel, { once: true });
    if (cancel.aborted) onCancel();
    try {
      if (refreshes && !programRefreshes) {
        await this.#refresh(false);
        if (kind === "refresh") return;
      } else if (!refreshes && !programRefreshes && this.#context.previous.some((state) => state.refreshBeforeUpdate)) await this.#refresh(true);
      else if (this.#request.previous.pendingOperations.length && !dryRun)
        this.#context.diagnostics.warning(undefined, pendingOperationsText(this.#request.previous.pendingOperations));
      if (reportUnknownTargets(this.#context, this.#context.replaceTargets, () => false))
        throw new BailError("one or more targets could not be found in the stack");
      await this.#walk(withProgram, refreshes && programRefreshes);
    } finally {
      cancel.removeEventListener("abort", onCancel);
    }
  }

  async #walk(withProgram: boolean, refreshFirst: boolean): Promise<void> {
    const { kind } = this.#request;
    const mode = kind === "refresh" ? "refresh" : kind === "destroy" && withProgram ? "destroy" : "update";
    const run = new ProgramRun(this.#context, mode, refreshFirst);
    const { cancel } = this.#ports.cancellation;
    const stop = () => run.stop();
    cancel.addEventListener("abort", stop, { once: true });
    if (cancel.aborted) stop();
    try {
      if (withProgram) await runWithProgram(this.#context, run, this.#version);
      else await run.complete(Promise.resolve());
    } finally {
      cancel.removeEventListener("abort", stop);
      this.#tallies.push(run.executor);
    }
    if (run.failure !== undefined) throw new BailError(messageOf(run.failure));
    if (run.errored) this.#fail("failed");
    if (this.#cancelled) this.#fail("canceled");
  }

  async #refresh(onlyBeforeUpdate: boolean): Promise<void> {
    if (this.#context.previous.length === 0) return;
    for (const targets of [this.#context.targets, this.#context.excludes])
      if (reportUnknownTargets(this.#context, targets, () => false)) throw new BailError("one or more targets could not be found in the stack");
    const executor = new StepExecutor(this.#context, () => undefined, true);
    const stop = () => executor.stop();
    this.#ports.cancellation.cancel.addEventListener("abort", stop, { once: true });
    if (this.#ports.cancellation.cancel.aborted) stop();
    try {
      await new Refresher(this.#context, executor).run(onlyBeforeUpdate);
    } catch (error) {
      if (!(error instanceof BailError)) this.#context.diagnostics.error(undefined, messageOf(error));
      throw new BailError(messageOf(error));
    } finally {
      this.#ports.cancellation.cancel.removeEventListener("abort", stop);
      this.#tallies.push(executor);
    }
    if (executor.errored) this.#fail("failed");
    if (this.#cancelled) this.#fail("canceled");
  }

  #fail(how: "failed" | "canceled"): never {
    const message = `${this.#request.dryRun ? "preview" : "update"} ${how}`;
    this.#context.diagnostics.error(undefined, message);
    throw new BailError(message);
  }

  /** Why the run can't even begin. */
  #refusal(): string | undefined {
    const { kind, previous, targets, excludes, runProgram } = this.#request;
    const { problem } = this.#context.autonaming;
    if (problem) return `getting autonaming config: ${problem}`;
    if (kind !== "destroy" && kind !== "refresh") return undefined;
    const urns = new Set<string>(previous.resources.map(({ urn }) => urn));
    const missing = [...this.#context.targets.literals(), ...this.#context.excludes.literals()].find((urn) => !urns.has(urn));
    if ((targets.length || excludes.length) && missing !== undefined) return `no resource named '${missing}' found`;
    if (kind !== "destroy" || runProgram) return undefined;
    const hooked = previous.resources.filter(({ resourceHooks }) => resourceHooks["BeforeDelete"] || resourceHooks["AfterDelete"]);
    for (const { urn, resourceHooks } of hooked) {
      const names = [...(resourceHooks["BeforeDelete"] ?? []), ...(resourceHooks["AfterDelete"] ?? [])];
      this.#context.diagnostics.error(urn, `Resource has delete hooks registered, but the program is not running. Hooks: ${names.join(", ")}`);
    }
    return hooked.length ? "You must run with the `--run-program` flag to use delete hooks during destroy." : undefined;
  }

  #visibleConfig(): Record<string, string> {
    const { config, configSecretKeys } = this.#request;
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, configSecretKeys.includes(key) ? "[secret]" : value]));
  }

  #result(outcome: DeploymentResult["outcome"], started: number, error: string | undefined): DeploymentResult {
    const changes = this.#tallies.reduce((sum, { counts }) => addCounts(sum, counts), {} as StepCounts);
    const snapshot = this.#request.dryRun ? this.#request.previous : this.#context.recorder.snapshot();
    return { outcome, snapshot, changes, durationSeconds: (performance.now() - started) / 1000, ...(error === undefined ? {} : { error }) };
  }

  #emitSummary({ outcome, changes, durationSeconds }: DeploymentResult): void {
    const summary = {
      maybeCorrupt: !this.#request.dryRun && this.#tallies.some(({ maybeCorrupt }) => maybeCorrupt),
      durationSeconds: Math.ceil(durationSeconds),
      resourceChanges: changes,
      PolicyPacks: {},
      isPreview: this.#request.dryRun,
      result: outcome === "succeeded" ? "succeeded" : outcome === "terminated" ? "canceled" : "failed",
    };
    // The SDK's type spells `policyPacks` otherwise and lacks the last two fields.
    this.#ports.emit({ summaryEvent: summary } as unknown as EngineEventBody);
  }

  #emit(ports: DeploymentPorts, event: EngineEventBody): void {
    if (!this.#isOver) ports.emit(event);
  }
}

function pendingOperationsText(operations: readonly PendingOperation[]): string {
  return (
    `Attempting to deploy or update resources with ${operations.length} pending operations from previous deployment.\n` +
    operations.map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}\n`).join("") +
    "These resources are in an unknown state because the Pulumi CLI was interrupted while waiting for changes to these resources to complete. " +
    "You should confirm whether or not the operations listed completed successfully by checking the state of the appropriate provider. " +
    "For example, if you are using AWS, you can confirm using the AWS Console.\n\n" +
    "Once you have confirmed the status of the interrupted operations, you can repair your stack using `pulumi refresh` which will refresh " +
    "the state from the provider you are using and clear the pending operations if there are any.\n\n" +
    "Note that `pulumi refresh` will need to be run interactively to clear pending CREATE operations."
  );
}
