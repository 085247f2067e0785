import { defineConfig } from "vitest/config";

/** Folders of suites that need real parts and minutes; each has a script of its own in package.json. */
const slow = ["test/golden/**", "test/lifecycle/**", "test/sandbox/**", "test/e2e/**"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: process.env.STRATA_SUITE ? [] : slow,
    dir: process.env.STRATA_SUITE ? `test/${process.env.STRATA_SUITE}` : "test",
    environment: "node",
    pool: "forks",
    testTimeout: process.env.STRATA_SUITE ? 300_000 : 20_000,
    hookTimeout: process.env.STRATA_SUITE ? 300_000 : 20_000,
    reporters: ["default"],
  },
});
