import { execFile } from "node:child_process";
import { chmod, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PGlite } from "@electric-sql/pglite";
import { isStrataError, messageOf, StrataError } from "#core/errors.ts";
import { isDiskFull } from "#operations/database/database-error.ts";
import { lockDirectory } from "#operations/database/directory-lock.ts";

export interface EmbeddedDatabase {
  readonly pglite: PGlite;
  /** Closes the database and gives the directory free. */
  close(): Promise<void>;
}

/**
 * Opens the PostgreSQL that lives in `<dataFolder>/database`, making it first where there is none. PGlite doesn't lock its directory, so we do.
 * Throws `data_folder_in_use`, `data_folder_unusable`, `disk_full`.
 */
export async function openEmbeddedDatabase(dataFolder: string): Promise<EmbeddedDatabase> {
  const directory = join(dataFolder, "database");
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    const lock = await lockDirectory(directory);
    try {
      await initialise(directory);
      const pglite = await PGlite.create(directory);
      return {
        pglite,
        async close() {
          if (!pglite.closed) await pglite.close();
          await lock.release();
        },
      };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw unusable(error, directory);
  }
}

/** Made beside its place and moved there when whole, so that a crash leaves nothing half-made behind. In a process of its own, to give its memory back. */
async function initialise(directory: string): Promise<void> {
  if (await stat(directory).catch(() => undefined)) return;
  const draft = `${directory}.new`;
  try {
    await rm(draft, { recursive: true, force: true });
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, "initialise.ts"), draft], { cwd: dirname(directory) });
    await chmod(draft, 0o700);
    await rename(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

function unusable(error: unknown, directory: string): StrataError {
  if (isStrataError(error)) return error;
  const said = saidBy(error);
  if (isDiskFull(error) || said.startsWith("ENOSPC"))
    return new StrataError("disk_full", `The database in ${directory} couldn't be opened because the disk is full. Free some space and start again.`, {
      cause: error,
    });
  return new StrataError(
    "data_folder_unusable",
    `The database in ${directory} couldn't be opened: ${said}. Make the folder writable for this user, or choose another one with STRATA_HOME.`,
    { cause: error },
  );
}

/** The text of an error; of a program that failed, what it wrote. */
function saidBy(error: unknown): string {
  const written = typeof error === "object" && error !== null && "stderr" in error ? String(error.stderr).trim() : "";
  return written.slice(0, 500) || messageOf(error);
}
