import { randomBytes } from "node:crypto";
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface WriteOptions {
  /** @default false */
  readonly durable?: boolean;
  /** Holds the temporary file where the target's folder must not. @default the target's folder */
  readonly temporaryFolder?: string;
}

/**
 * Files of a `file://` state folder, written the way the genuine CLI's object store does: a temporary file beside the target, then a rename; a
 * stale `.attrs` sidecar of a file that is replaced or removed goes too. Mirrors google/go-cloud:blob/fileblob/fileblob.go (v0.4x). All paths are relative to `ROOT/.pulumi`
 * and use `/`. Files get mode 0600, folders 0700.
 */
export class StateFiles {
  /** Absolute path of `ROOT/.pulumi`. */
  readonly folder: string;

  constructor(root: string) {
    this.folder = join(root, ".pulumi");
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  /** The bytes of a file, or `undefined` when there is none. */
  async read(file: string): Promise<Buffer | undefined> {
    return await absentAsUndefined(readFile(this.path(file)));
  }

  async exists(file: string): Promise<boolean> {
    return (await this.modified(file)) !== undefined;
  }

  /** Time of the last change in milliseconds, or `undefined` when there is no such file. */
  async modified(file: string): Promise<number | undefined> {
    return (await absentAsUndefined(stat(this.path(file))))?.mtimeMs;
  }

  /**
   * Replaces a file as a whole: written beside it, read back and compared, renamed. On an error the old file is still there. With `durable` the new one is
   * on disk when this settles, and survives a loss of power.
   */
  async write(file: string, bytes: Uint8Array, { durable = false, temporaryFolder = dirname(file) }: WriteOptions = {}): Promise<void> {
    const target = this.path(file);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await mkdir(this.path(temporaryFolder), { recursive: true, mode: 0o700 });
    const temporary = join(this.path(temporaryFolder), `${file.slice(file.lastIndexOf("/") + 1)}.${randomBytes(8).toString("hex")}.tmp`);
    try {
      const handle = await open(temporary, "wx+", 0o600);
      try {
        await handle.writeFile(bytes);
        if (durable) await handle.sync();
        await checkContent(handle, bytes, file);
      } finally {
        await handle.close();
      }
      await rm(`${target}.attrs`, { force: true });
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    if (durable) await syncFolder(dirname(target));
  }

  /** Copies a file with what is in it; nothing happens when there is no such file. Answers whether there was. */
  async copy(from: string, to: string): Promise<boolean> {
    const bytes = await this.read(from);
    if (bytes === undefined) return false;
    const target = this.path(to);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const temporary = `${target}.${randomBytes(8).toString("hex")}.tmp`;
    try {
      await copyFile(this.path(from), temporary);
      await rm(`${target}.attrs`, { force: true });
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return true;
  }

  /** Removes a file and its sidecar, if there. */
  async remove(file: string): Promise<void> {
    await rm(this.path(file), { force: true });
    await rm(`${this.path(file)}.attrs`, { force: true });
  }

  /** Removes a folder with all that is in it, if there. */
  async removeFolder(folder: string): Promise<void> {
    await rm(this.path(folder), { recursive: true, force: true });
  }

  /** Names of the files in a folder in order, without sidecars and temporary files; none for a folder that isn't there. */
  async list(folder: string): Promise<string[]> {
    return (await this.#entries(folder))
      .filter((entry) => entry.isFile() && !isHidden(entry.name))
      .map((entry) => entry.name)
      .sort();
  }

  /** Names of the folders in a folder, in order. */
  async listFolders(folder: string): Promise<string[]> {
    return (await this.#entries(folder))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  }

  async #entries(folder: string) {
    return (await absentAsUndefined(readdir(this.path(folder), { withFileTypes: true }))) ?? [];
  }
}

function isHidden(name: string): boolean {
  return name.endsWith(".attrs") || name.endsWith(".tmp");
}

async function checkContent(handle: import("node:fs/promises").FileHandle, expected: Uint8Array, file: string): Promise<void> {
  const actual = Buffer.alloc(expected.length + 1);
  let length = 0;
  while (length < actual.length) {
    const { bytesRead } = await handle.read(actual, length, actual.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length !== expected.length || !actual.subarray(0, length).equals(expected))
    throw new Error(`${file}: what was read back isn't what was written; the disk may be failing`);
}

/** Makes a rename durable. Not every platform can flush a folder; where it can't, the rename is as durable as it gets. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } catch (error) {
    if (!["EINVAL", "EPERM", "EISDIR", "ENOTSUP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await handle.close();
  }
}

async function absentAsUndefined<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
