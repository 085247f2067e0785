import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const minutes = 60_000;

/** Suites that need real parts or minutes; `scripts/run-tests.ts` runs each on its own. Where a sandbox is started, its tools may have to be built first. */
const slow = [
  { name: "lifecycle", testTimeout: 2 * minutes, hookTimeout: minutes, fileParallelism: true },
  { name: "clock", testTimeout: 5 * minutes, hookTimeout: minutes, fileParallelism: true },
  ...["golden", "providers-live", "sandbox", "e2e"].map((name) => ({ name, testTimeout: 5 * minutes, hookTimeout: 15 * minutes, fileParallelism: false })),
];

export default defineConfig({
  test: {
    environment: "node",
    pool: "forks",
    // Tests wait for processes and disks as much as they compute.
    maxWorkers: Math.max(2, availableParallelism()),
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: slow.map(({ name }) => `test/${name}/**`),
          globalSetup: "test/_helpers/template-folder.ts",
          testTimeout: 30_000,
          hookTimeout: minutes,
        },
      },
      ...slow.map((suite) => ({
        extends: true as const,
        test: { include: [`test/${suite.name}/**/*.test.ts`], globalSetup: "test/_helpers/template-folder.ts", ...suite },
      })),
    ],
  },
});
