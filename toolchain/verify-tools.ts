import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { messageOf } from "#core/errors.ts";
import { download, sha256Of } from "./download-tool.ts";
import type { Environment } from "./tool-cache.ts";
import { forPlatform, type ToolCatalogue, unlocked } from "./tool-catalogue.ts";
import { type ToolName, toolNames } from "./tools.ts";

export interface VerifyToolsOptions {
  readonly catalogue: ToolCatalogue;
  readonly environment: Environment;
  /** Write the checksums of unlocked entries into the catalogue's file. Locked ones are never changed. */
  readonly lock: boolean;
  readonly onProgress: (message: string, done?: number, total?: number) => void;
  readonly signal: AbortSignal;
}

export interface VerifiedDownload {
  readonly name: ToolName;
  readonly platform: string;
  readonly url: string;
  /** `verified`: as pinned; `locked`: now pinned; `unlocked`: fetched, but not pinned; `mismatch`: differs from what is pinned; `unreachable`: nothing is known. */
  readonly result: "verified" | "locked" | "unlocked" | "mismatch" | "unreachable";
  readonly detail: string;
}

/** Fetches every download of the catalogue and compares, or pins, its checksum. Nothing is installed. */
export async function verifyTools(options: VerifyToolsOptions): Promise<VerifiedDownload[]> {
  const { catalogue } = options;
  const all = toolNames.flatMap((name) => Object.entries(catalogue.tools[name].download.sha256).map(([platform, pinned]) => ({ name, platform, pinned })));
  const folder = mkdtempSync(join(tmpdir(), "strata-verify-"));
  try {
    const results: VerifiedDownload[] = [];
    for (const [index, { name, platform, pinned }] of all.entries()) {
      const url = forPlatform(catalogue.tools[name].download.url, platform);
      options.onProgress(`fetching ${name} for ${platform}`, index, all.length);
      results.push({ name, platform, url, ...(await verifyOne(url, pinned, folder, options)) });
    }
    if (options.lock) writeLocks(catalogue.file, results);
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function verifyOne(url: string, pinned: string, folder: string, options: VerifyToolsOptions): Promise<Pick<VerifiedDownload, "result" | "detail">> {
  const file = join(folder, "file");
  try {
    await download(url, file, { environment: options.environment, signal: options.signal });
    const sum = await sha256Of(file);
    if (pinned === unlocked) return { result: options.lock ? "locked" : "unlocked", detail: sum };
    return sum === pinned ? { result: "verified", detail: sum } : { result: "mismatch", detail: `served ${sum}, pinned is ${pinned}` };
  } catch (error) {
    options.signal.throwIfAborted();
    return { result: "unreachable", detail: messageOf(error) };
  } finally {
    rmSync(file, { force: true });
  }
}

function writeLocks(file: string, results: readonly VerifiedDownload[]): void {
  const locked = results.filter((entry) => entry.result === "locked");
  if (!locked.length) return;
  // As a document, so that comments and order stay.
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const { name, platform, detail } of locked) document.setIn(["tools", name, "download", "sha256", platform], detail);
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, document.toString({ lineWidth: 160 }));
  renameSync(temporary, file);
}
