import type { Transaction } from "kysely";
import { fromKysely, PgBoss } from "pg-boss";
import { messageOf } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";
import type { Database } from "#operations/database/database.ts";
import type { Schema } from "#operations/database/schema.ts";

/** A place in the queue: an operation to be run, in the order of its lane. */
export interface QueuedJob {
  readonly operation: string;
}

/** Hands each job to one worker at a time; jobs of the same lane in the order they were added, those of different lanes side by side. */
export interface Queue {
  /** Adds a job within the transaction that stores its operation. `job` is a new UUID; `lane` is the environment. */
  add(records: Transaction<Schema>, job: string, lane: string, data: QueuedJob): Promise<void>;
  /** Takes a job out that nobody has claimed. */
  remove(records: Transaction<Schema>, job: string): Promise<void>;
  /**
   * Claims jobs, at most `concurrency` at a time. `handle` must not reject. A job whose worker died is handed out again, so `handle` decides what that means.
   * `signal` is aborted when this process is no longer taken to be alive.
   */
  work(concurrency: number, handle: (data: QueuedJob, signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Calls `tick` about once a minute, in one process of those that share the queue. */
  everyMinute(tick: () => Promise<void>): Promise<void>;
  /** Jobs that were claimed by a process that is gone become claimable again. Only where no other process shares the queue. */
  releaseClaimed(jobs: readonly string[]): Promise<void>;
  /** Claims nothing more; jobs in hand go on. */
  pause(): Promise<void>;
  stop(): Promise<void>;
}

const operations = "operations";
const minutes = "minutes";

/** How long the queue waits for a sign of life of a worker before its job is handed out again. Only with a shared database. */
const heartbeatSeconds = 60;
/** Work goes on for as long as it takes; this is the queue's own upper bound, after which the same process is handed the job again and goes on with it. */
const expireInSeconds = 86_399;
/** Handing a job out again never repeats an operation (see Worker), so there's no reason to stop doing it. */
const retryLimit = 1_000_000;
const retentionSeconds = 31_536_000;

/** Mirrors timgit/pg-boss:docs/api (v12.30): queue policy `key_strict_fifo`, LISTEN/NOTIFY wake-up, cron. */
export async function openQueue(database: Database, logger: Logger): Promise<Queue> {
  const boss = new PgBoss({
    ...database.queueOptions,
    useListenNotify: true,
    cronMonitorIntervalSeconds: 5,
    cronWorkerIntervalSeconds: 5,
    superviseIntervalSeconds: 30,
  });
  boss.on("error", (error) => logger.error({ error: messageOf(error) }, "The queue reports an error"));
  boss.on("warning", (warning) => logger.warn({ warning: warning.message, data: warning.data }, "The queue reports a warning"));
  await boss.start();
  await boss.createQueue(operations, {
    policy: "key_strict_fifo",
    notify: true,
    retryLimit,
    expireInSeconds,
    retentionSeconds,
    deleteAfterSeconds: 3600,
    ...(database.shared ? { heartbeatSeconds } : {}),
  });
  await boss.createQueue(minutes, { policy: "short", retryLimit: 0, deleteAfterSeconds: 3600 });
  await boss.schedule(minutes, "* * * * *");

  return {
    async add(records, job, lane, data) {
      await boss.send(operations, data, { id: job, singletonKey: lane, db: fromKysely(records) });
    },
    async remove(records, job) {
      await boss.deleteJob(operations, job, { db: fromKysely(records) });
    },
    async work(concurrency, handle) {
      for (let n = 0; n < concurrency; n++) {
        const worker: string = await boss.work<QueuedJob>(operations, { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 5 }, async ([job]) => {
          if (!job) return;
          await handle(job.data, job.signal);
          // The next job of the lane was announced while this one held it back: look again at once.
          boss.notifyWorker(worker);
        });
      }
    },
    async everyMinute(tick) {
      await boss.work(minutes, { pollingIntervalSeconds: 1 }, async () => {
        await tick().catch((error: unknown) => logger.error({ error: messageOf(error) }, "The work of this minute failed; it is tried again in the next one"));
      });
    },
    async releaseClaimed(jobs) {
      for (const id of jobs) {
        const [job] = await boss.findJobs(operations, { id });
        if (job?.state === "active") await boss.fail(operations, id);
      }
    },
    async pause() {
      await Promise.all([boss.offWork(operations, { wait: false }), boss.offWork(minutes, { wait: false })]);
    },
    async stop() {
      await boss.stop({ graceful: false, close: true });
    },
  };
}
