import { access, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { prepareStackFolders, stackEnvironment } from "#automation/workspace.ts";
import { embeddedCommand } from "#bin/wiring/engine.ts";
import type { Settings } from "#config/settings.ts";
import { projectName } from "#core/ids.ts";
import { runPulumiCli } from "#engine/command/run-pulumi-cli.ts";

/**
 * Runs the embedded engine like the Pulumi CLI. In a folder of some other Pulumi project, or under the Automation API, it behaves as the CLI would there;
 * anywhere else it works on the stacks of the data folder.
 */
export async function pulumi(settings: Settings, argv: readonly string[]): Promise<number> {
  const io = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, signals: process };
  const command = embeddedCommand(settings.environment);
  const project = await projectFolder(process.cwd());
  if (settings.environment.PULUMI_AUTOMATION_API === "true" || (project && project !== settings.root))
    return runPulumiCli(argv, { command, cwd: process.cwd(), environment: {}, ...io });
  const folders = await prepareStackFolders(settings.dataFolder);
  const environment = { ...stackEnvironment(folders), PULUMI_HOME: join(settings.dataFolder, "pulumi-home"), PULUMI_CONFIG_PASSPHRASE: undefined };
  return runPulumiCli(argv, { command, cwd: await manualFolder(settings, folders.settings), environment, ...io });
}

/** The folder with the project file for manual runs: the checkout's own, or one in the data folder when that is somewhere else. */
async function manualFolder(settings: Settings, stackSettings: string): Promise<string> {
  if (settings.dataFolder === join(settings.root, ".strata")) return settings.root;
  const folder = join(settings.dataFolder, "manual");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lines = [
    `name: ${projectName}`,
    "runtime:",
    "  name: nodejs",
    "  options:",
    "    typescript: false",
    `main: ${JSON.stringify(join(settings.root, "bin/pulumi-program.ts"))}`,
    `stackConfigDir: ${JSON.stringify(relative(folder, stackSettings))}`,
  ];
  await writeFile(join(folder, "Pulumi.yaml"), `${lines.join("\n")}\n`, { mode: 0o600 });
  return folder;
}

async function projectFolder(from: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const name of ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"])
      if (
        await access(join(folder, name)).then(
          () => true,
          () => false,
        )
      )
        return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
