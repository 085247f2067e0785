import { accessSync, chmodSync, constants, mkdirSync, renameSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { StrataError } from "#core/errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The user's cache of tools: `$XDG_CACHE_HOME` or `~/.cache`, then `strata/tools/<tool>/<version>/<tool>`. Shared by all clones of the project. */
export class ToolCache {
  readonly folder: string;

  constructor(environment: Environment) {
    const wished = environment.XDG_CACHE_HOME;
    // The XDG specification has relative paths ignored.
    const base = wished && isAbsolute(wished) ? wished : join(environment.HOME ?? homedir(), ".cache");
    this.folder = join(base, "strata", "tools");
  }

  pathOf(name: string, version: string): string {
    return join(this.folder, name, version, name);
  }

  /** The path of a tool that is there. */
  find(name: string, version: string): string | undefined {
    const path = this.pathOf(name, version);
    return isExecutable(path) ? path : undefined;
  }

  /** Moves a finished file in; it appears whole or not at all. `file` must be inside the cache folder. */
  put(name: string, version: string, file: string): string {
    const path = this.pathOf(name, version);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    chmodSync(file, 0o755);
    renameSync(file, path);
    return path;
  }

  /** Makes the folder. Throws `data_folder_unusable` when it can't be written. */
  prepare(): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o755 });
      accessSync(this.folder, constants.W_OK | constants.X_OK);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      throw new StrataError("data_folder_unusable", `The tool cache ${this.folder} can't be written (${code}): make it writable or set XDG_CACHE_HOME.`, {
        cause: error,
      });
    }
  }
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
