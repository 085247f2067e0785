import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { EnvHttpProxyAgent, fetch } from "undici";
import { messageOf } from "#core/errors.ts";
import type { Environment } from "./tool-cache.ts";

export interface DownloadOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Bytes so far, and in total where the server says. */
  readonly onProgress?: (done: number, total: number | undefined) => void;
}

/** Longest wait for a connection, and for the head of an answer, in milliseconds. */
const connectMs = 3_000;
const headMs = 10_000;

/** Fetches `url` into `file`. Rejects when the server can't be reached within 3 s, with a plain sentence as the message. */
export async function download(url: string, file: string, options: DownloadOptions): Promise<void> {
  const { environment, signal } = options;
  const proxy = (name: string) => environment[name.toLowerCase()] ?? environment[name];
  const agent = new EnvHttpProxyAgent({
    connect: { timeout: connectMs },
    headersTimeout: headMs,
    bodyTimeout: 30_000,
    ...definedOnly({ httpProxy: proxy("HTTP_PROXY"), httpsProxy: proxy("HTTPS_PROXY"), noProxy: proxy("NO_PROXY") }),
  });
  try {
    const response = await fetch(url, { dispatcher: agent, signal, redirect: "follow" });
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
    const total = Number(response.headers.get("content-length")) || undefined;
    let done = 0;
    const counted = async function* (body: AsyncIterable<Uint8Array>) {
      for await (const chunk of body) {
        done += chunk.length;
        options.onProgress?.(done, total);
        yield chunk;
      }
    };
    await pipeline(response.body as AsyncIterable<Uint8Array>, counted, createWriteStream(file, { flags: "wx", mode: 0o644 }), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(rootOf(error), { cause: error });
  } finally {
    await agent.destroy();
  }
}

/** Takes one file out of a .tar.gz; answers its path under `folder`. */
export async function extractMember(archive: string, member: string, folder: string, signal: AbortSignal): Promise<string> {
  await promisify(execFile)("tar", ["-xzf", archive, "-C", folder, "--no-same-owner", member], { signal });
  return join(folder, member);
}

/** SHA-256 in hex. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function definedOnly<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: string };
}

/** "fetch failed" hides what happened in its cause. */
function rootOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? messageOf(cause.message ? cause : ((cause as AggregateError).errors?.[0] ?? cause)) : messageOf(error);
}
