import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectName } from "#core/ids.ts";

/** Where the stacks of a data folder live. All paths are absolute. */
export interface StackFolders {
  /** `Pulumi.yaml` and the settings of all stacks (`Pulumi.<stack>.yaml`); the working directory of every command. */
  readonly settings: string;
  /** Root of the file backend. */
  readonly state: string;
  /** File with the passphrase that protects secrets. */
  readonly passphraseFile: string;
}

export function stackFolders(dataFolder: string): StackFolders {
  return {
    settings: join(dataFolder, "stacks"),
    state: join(dataFolder, "state"),
    passphraseFile: join(dataFolder, "passphrase"),
  };
}

/** Makes the folders, the project file and, once, the passphrase. Safe to call at any time and by several processes. */
export async function prepareStackFolders(dataFolder: string): Promise<StackFolders> {
  const folders = stackFolders(dataFolder);
  for (const folder of [dataFolder, folders.settings, folders.state]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeOnce(folders.passphraseFile, `${randomBytes(24).toString("base64url")}\n`);
  await writeIfDifferent(join(folders.settings, "Pulumi.yaml"), `name: ${projectName}\nruntime: nodejs\nbackend:\n  url: file://${folders.state}\n`);
  return folders;
}

/** The environment in which every Pulumi command runs. */
export function stackEnvironment(folders: StackFolders): Record<string, string> {
  return {
    PULUMI_BACKEND_URL: `file://${folders.state}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: folders.passphraseFile,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

async function writeOnce(path: string, content: string): Promise<void> {
  await writeFile(path, content, { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

async function writeIfDifferent(path: string, content: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => undefined)) === content) return;
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, path);
}
