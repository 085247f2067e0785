import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

/** The texts of manifest files: paths (relative ones start from `folder`) and URLs, and patterns (`*`, `?`, `[`) where `glob` is set. Throws an `Error` for one that can't be read. */
export async function readManifests(files: readonly string[], glob: boolean, folder: string): Promise<string[]> {
  const texts: string[] = [];
  for (const file of files) {
    if (isUrl(file)) texts.push(await download(file));
    else for (const path of glob && /(?:^|[^\\])[*?[]/.test(file) ? globSync(file, { cwd: folder }).sort() : [file]) texts.push(await read(path, folder));
  }
  return texts;
}

function isUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(text) && URL.canParse(text);
}

async function read(path: string, folder: string): Promise<string> {
  try {
    return await readFile(resolve(folder, path), "utf8");
  } catch (error) {
    throw new Error(
      `reading YAML file from disk: open ${path}: ${(error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file or directory" : (error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

async function download(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    return await answer.text();
  } catch (error) {
    throw new Error(`fetching YAML over network: ${(error as Error).message}`, { cause: error });
  }
}
