import { expect, test } from "vitest";
import { typedCommand } from "#cli/typed-command.ts";

test("commands are told as they have to be typed where the program was started", () => {
  expect(typedCommand("strata logs op-1 --follow, or strata cancel op-1", "npx strata")).toBe("npx strata logs op-1 --follow, or npx strata cancel op-1");
  expect(typedCommand("strata up local-lab   sets strata.dev labels", "strata")).toBe("strata up local-lab   sets strata.dev labels");
});
