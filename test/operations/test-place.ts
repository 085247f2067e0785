import { cp, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/logger.ts";
import type { DatabasePlace } from "#operations/database/database.ts";
import { openOperations } from "#operations/operations.ts";
import { fakeCatalogue } from "#test/operations/fake-catalogue.ts";
import { FakeRun } from "#test/operations/fake-run.ts";
import { lockFile } from "#toolchain/file-lock.ts";

/** Where tests get databases that nobody else uses. */
export interface TestPlaces {
  fresh(): Promise<DatabasePlace>;
  remove(): Promise<void>;
}

/** Embedded databases: one is made for all files of a run, with its tables, and copied for each test, because making one takes seconds. */
export async function embeddedPlaces(): Promise<TestPlaces> {
  const template = await makeTemplate(join(inject("templateFolder"), "operations"));
  const root = await mkdtemp(join(tmpdir(), "strata-operations-"));
  let count = 0;
  return {
    async fresh() {
      const dataFolder = join(root, String(++count));
      await cp(template, dataFolder, { recursive: true });
      return { dataFolder };
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function makeTemplate(template: string): Promise<string> {
  const release = await lockFile(`${template}.lock`, { signal: AbortSignal.timeout(60_000), onWait: () => undefined });
  try {
    if (await stat(template).catch(() => undefined)) return template;
    const draft = `${template}.new`;
    await rm(draft, { recursive: true, force: true });
    const made = await openOperations({
      place: { dataFolder: draft },
      catalogue: fakeCatalogue(),
      runOperation: new FakeRun().run,
      clock: systemClock,
      logger: silentLogger,
    });
    await made.close(0);
    await rename(draft, template);
  } finally {
    release();
  }
  return template;
}
