import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeCommands } from "#cli/describe-commands.ts";
import { buildProgram } from "#cli/program/build-program.ts";
import type { StrataCommand } from "#cli/program/strata-command.ts";

test("docs/reference/cli.md is what the commands say today (`make docs` writes it)", async () => {
  const file = join(import.meta.dirname, "../../docs/reference/cli.md");
  expect(await readFile(file, "utf8")).toBe(describeCommands());
});

test("every command says in a sentence what it does, and how it can end", () => {
  const unused = () => {
    throw new Error("not run here");
  };
  const visit = (command: StrataCommand): void => {
    expect(command.description(), command.name()).toMatch(/^[A-Z].*\.$/s);
    const children = command.commands as readonly StrataCommand[];
    if (!children.length && command.name() !== "pulumi") expect(command.exits.length, command.name()).toBeGreaterThan(0);
    for (const option of command.options) if (!option.hidden) expect(option.description, `${command.name()} ${option.flags}`).not.toBe("");
    for (const child of children) visit(child);
  };
  visit(buildProgram("0", { session: unused, finish: unused }));
});
