import { messageOf } from "#core/errors.ts";
import type { OperationId } from "#core/ids.ts";
import type { Logger } from "#core/logger.ts";
import type { LayerResult, OperationEvent, OperationResult } from "#core/operation.ts";
import { LeaseLostError, type OperationStore } from "#operations/operation-store.ts";

/** How long events may wait to be stored together with others. */
const gatherMs = 50;
const retryMs = 1000;
const finishTries = 5;

export interface RunningOperationParts {
  readonly id: OperationId;
  readonly owner: string;
  readonly store: OperationStore;
  readonly logger: Logger;
  /** How often to look for a cancel request made in another process. @default never */
  readonly lookForCancelMs?: number;
}

/** One operation in this process: gathers its events, stores them in batches, and ends it once. */
export class RunningOperation {
  readonly #parts: RunningOperationParts;
  readonly #abort = new AbortController();
  readonly #over = Promise.withResolvers<void>();
  readonly #look: NodeJS.Timeout | undefined;
  readonly #layers: LayerResult[] = [];
  #waiting: OperationEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: RunningOperationParts) {
    this.#parts = parts;
    if (parts.lookForCancelMs !== undefined) this.#look = setInterval(() => this.#flush(), parts.lookForCancelMs);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Resolved when this process has nothing more to do with the operation. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Layers that are over so far. */
  get layers(): readonly LayerResult[] {
    return this.#layers;
  }

  cancel(reason: Error): void {
    if (!this.#abort.signal.aborted) this.#abort.abort(reason);
  }

  /** Takes an event of the run. States and the end are recorded by whoever changes them, so those of the run are left out. */
  onEvent(event: OperationEvent): void {
    if (this.#closed || event.type === "state" || event.type === "finished") return;
    if (event.type === "layer-finished") this.#layers.push(event.result);
    this.#waiting.push(event);
    this.#timer ??= setTimeout(() => this.#flush(), gatherMs);
  }

  /** Stores what is left and the result. The first call decides; later ones do nothing. */
  async finish(result: OperationResult): Promise<void> {
    if (this.#closed) return;
    this.#close();
    await this.#writing;
    const { id, owner, store, logger } = this.#parts;
    for (let attempt = 1; attempt <= finishTries; attempt++) {
      try {
        await store.finish(id, owner, this.#waiting, result);
        break;
      } catch (error) {
        if (error instanceof LeaseLostError) break;
        logger.error({ operation: id, attempt, error: messageOf(error) }, "The end of an operation couldn't be stored");
        if (attempt < finishTries) await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    this.#over.resolve();
  }

  /** Lets go without storing anything: the operation was never this process's, or isn't any more. */
  abandon(): void {
    this.#close();
    this.#over.resolve();
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#look);
  }

  #flush(): void {
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
  }

  async #write(): Promise<void> {
    const events = this.#waiting;
    if (this.#closed && events.length === 0) return;
    this.#waiting = [];
    const { id, owner, store, logger } = this.#parts;
    try {
      const { cancelRequested } = await store.record(id, owner, events, this.#layers);
      if (cancelRequested) this.cancel(new Error("somebody asked to cancel the operation"));
    } catch (error) {
      if (error instanceof LeaseLostError) return this.#lost(error);
      logger.error({ operation: id, error: messageOf(error) }, "Events of an operation couldn't be stored; trying again");
      this.#waiting = [...events, ...this.#waiting];
      if (!this.#closed) this.#timer ??= setTimeout(() => this.#flush(), retryMs);
    }
  }

  #lost(error: LeaseLostError): void {
    this.#parts.logger.error({ operation: this.#parts.id }, "The operation was taken over by another process; it is stopped here");
    this.cancel(error);
    this.abandon();
  }
}
