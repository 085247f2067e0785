import type { EnvironmentSpec } from "#config/spec.ts";
import { messageOf, StrataError } from "#core/errors.ts";
import type { OperationId } from "#core/ids.ts";
import type { Logger } from "#core/logger.ts";
import type { RunOperation } from "#core/run-operation.ts";
import { crashed, interrupted, interruptedProblem } from "#operations/early-end.ts";
import type { ClaimedOperation, OperationStore } from "#operations/operation-store.ts";
import type { QueuedJob } from "#operations/queue.ts";
import { RunningOperation } from "#operations/running-operation.ts";

export interface WorkerParts {
  readonly runOperation: RunOperation<EnvironmentSpec>;
  readonly store: OperationStore;
  /** This process among those that share the database. */
  readonly owner: string;
  readonly logger: Logger;
  /** Whether cancel requests may come from another process. */
  readonly shared: boolean;
}

/**
 * Runs the operations that the queue hands out. An operation is begun at most once: one that is handed out again after its worker died is marked
 * interrupted, because whether to repeat a half-done change is a person's choice.
 */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #running = new Map<OperationId, { readonly operation: RunningOperation; readonly claimed: Promise<ClaimedOperation | undefined> }>();
  #stopping = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  /** Runs one operation to its end; never rejects. `lost` is aborted when the queue no longer counts on this process. */
  async handle(job: QueuedJob, lost: AbortSignal): Promise<void> {
    const id = job.operation as OperationId;
    const already = this.#running.get(id);
    if (already) return already.operation.over;

    const { store, owner, logger, shared } = this.#parts;
    const operation = new RunningOperation({ id, owner, store, logger, ...(shared ? { lookForCancelMs: 2000 } : {}) });
    const claimed = store.claim(id, owner);
    this.#running.set(id, { operation, claimed });
    lost.addEventListener("abort", () => operation.cancel(new Error("the queue no longer counts on this process")), { once: true });
    try {
      const work = await claimed;
      if (work) await this.#run(id, work, operation);
      else operation.abandon();
    } catch (error) {
      logger.error({ operation: id, error: messageOf(error) }, "An operation couldn't be claimed");
      operation.abandon();
    } finally {
      this.#running.delete(id);
    }
  }

  /** Asks an operation that runs here to end. */
  cancel(id: OperationId): void {
    this.#running.get(id)?.operation.cancel(new StrataError("operation_cancelled", `Operation ${id} was cancelled.`));
  }

  /** Asks everything that runs here to end, waits for `deadlineMs` at most, and marks what was cut short. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    const running = [...this.#running];
    for (const [, { operation }] of running) operation.cancel(new StrataError("shutting_down", "The controller is stopping."));
    await Promise.all(running.map(([id, { operation, claimed }]) => this.#await(id, operation, claimed, deadlineMs)));
  }

  async #await(id: OperationId, operation: RunningOperation, claimed: Promise<ClaimedOperation | undefined>, deadlineMs: number): Promise<void> {
    const deadline = Promise.withResolvers<"late">();
    const timer = setTimeout(() => deadline.resolve("late"), deadlineMs);
    const first = await Promise.race([operation.over, deadline.promise]);
    clearTimeout(timer);
    if (first !== "late") return;
    this.#parts.logger.warn({ operation: id, deadlineMs }, "An operation didn't end in time; it is recorded as interrupted");
    const work = await claimed.catch(() => undefined);
    if (work) await operation.finish(interrupted(id, work.request, operation.layers));
    else operation.abandon();
  }

  async #run(id: OperationId, { request, spec }: ClaimedOperation, operation: RunningOperation): Promise<void> {
    const { runOperation, logger } = this.#parts;
    try {
      const result = await runOperation(request, spec, { onEvent: (event) => operation.onEvent(event), signal: operation.signal });
      const cutShort = this.#stopping && result.state !== "succeeded";
      await operation.finish(cutShort ? { ...result, state: "failed", problem: interruptedProblem(id, request) } : result);
    } catch (error) {
      logger.error({ operation: id, error: messageOf(error) }, "The run of an operation ended with an error instead of a result");
      await operation.finish(crashed(error, operation.layers));
    }
  }
}
