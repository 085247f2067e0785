// The genuine CLI's stacks go on with the embedded engine: the same program finds nothing to change.
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runPulumi } from "./_fixtures/run-pulumi.ts";

const root = new URL("../../", import.meta.url).pathname;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "takeover-run-"));
  await cp(join(root, "test/golden/takeover"), folder, { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "name": "takeover", "type": "module" }');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.for(["random", "gzipped"])("stack %s previews and goes up without a change", async (stack, { signal }) => {
  const environment = { PULUMI_CONFIG_PASSPHRASE: "golden", PULUMI_BACKEND_URL: `file://${folder}/state` };
  const pulumi = (...args: string[]) => runPulumi(folder, args, environment, signal);
  const preview = await pulumi("preview", "--expect-no-changes", "--stack", stack);
  expect(preview).toMatchObject({ exit: 0, output: expect.stringMatching(/Resources:\n {4}\d+ unchanged\n/) });
  const before = JSON.parse((await pulumi("stack", "export", "--show-secrets", "--stack", stack)).output) as { deployment: { resources: { urn: string }[] } };
  const up = await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack);
  expect(up).toMatchObject({ exit: 0, output: expect.stringMatching(/Resources:\n {4}\d+ unchanged\n/) });
  const after = JSON.parse((await pulumi("stack", "export", "--show-secrets", "--stack", stack)).output) as typeof before;
  expect(withoutPositions(after.deployment.resources)).toEqual(withoutPositions(before.deployment.resources));
});

/** In the order of URNs; the program's place in its file is noted anew in every run, and paths in the recording were shortened. */
function withoutPositions(resources: readonly { readonly urn: string }[]): object[] {
  return [...resources].sort((a, b) => (a.urn < b.urn ? -1 : 1)).map((resource) => ({ ...resource, sourcePosition: undefined, stackTrace: undefined }));
}
