// Writes the generated pages under docs/reference; tests fail when one is stale.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeCommands } from "#cli/describe-commands.ts";
import { errorReference } from "#server/error-reference.ts";

const folder = join(import.meta.dirname, "../docs/reference");
await mkdir(folder, { recursive: true });
for (const [name, content] of Object.entries({ "cli.md": describeCommands(), "errors.md": errorReference() })) {
  await writeFile(join(folder, name), content);
  console.log(`docs/reference/${name}`);
}
