import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/logger.ts";
import type { DatabasePlace } from "#operations/database/database.ts";
import { openOperations } from "#operations/operations.ts";
import { fakeCatalogue } from "#test/operations/fake-catalogue.ts";
import { FakeRun } from "#test/operations/fake-run.ts";

/** Where tests get databases that nobody else uses. */
export interface TestPlaces {
  fresh(): Promise<DatabasePlace>;
  remove(): Promise<void>;
}

/** Embedded databases: one is made, with its tables, and copied for each test, because making one takes seconds. */
export async function embeddedPlaces(): Promise<TestPlaces> {
  const root = await mkdtemp(join(tmpdir(), "strata-operations-"));
  const template = join(root, "template");
  const made = await openOperations({
    place: { dataFolder: template },
    catalogue: fakeCatalogue(),
    runOperation: new FakeRun().run,
    clock: systemClock,
    logger: silentLogger,
  });
  await made.close(0);
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
