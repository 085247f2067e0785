import { defineConfig } from "vitest/config";

/** Suites that need real parts and minutes; `scripts/run-tests.ts` runs each on its own. */
const slow = ["lifecycle", "golden", "providers-live", "sandbox", "e2e"];
const minutes = 60_000;

export default defineConfig({
  test: {
    environment: "node",
    pool: "forks",
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["test/**/*.test.ts"], exclude: slow.map((suite) => `test/${suite}/**`), testTimeout: 30_000, hookTimeout: 60_000 },
      },
      ...slow.map((suite) => ({
        extends: true as const,
        test: {
          name: suite,
          include: [`test/${suite}/**/*.test.ts`],
          testTimeout: 5 * minutes,
          hookTimeout: 15 * minutes,
          fileParallelism: suite === "lifecycle",
        },
      })),
    ],
  },
});
