import { promisify } from "node:util";
import { gunzip, gzip, zstdCompress, zstdDecompress } from "node:zlib";

export type Compression = "none" | "gzip" | "zstd";

/** What a file's name ends in, after `.json`. */
export const compressionSuffix: Readonly<Record<Compression, string>> = { none: "", gzip: ".gz", zstd: ".zst" };

export async function compress(bytes: Buffer, compression: Compression): Promise<Buffer> {
  if (compression === "gzip") return await promisify(gzip)(bytes);
  if (compression === "zstd") return await promisify(zstdCompress)(bytes);
  return bytes;
}

/** Decompresses by what the bytes start with, not by the file's name, as the CLI does. */
export async function decompress(bytes: Buffer): Promise<Buffer> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return await promisify(gunzip)(bytes);
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528) return await promisify(zstdDecompress)(bytes);
  return bytes;
}

/** `PULUMI_DIY_BACKEND_ZSTD` and `PULUMI_DIY_BACKEND_GZIP`; both together are refused by the CLI, here zstd wins. */
export function configuredCompression(environment: Readonly<Record<string, string | undefined>>): Compression {
  if (isTrue(environment.PULUMI_DIY_BACKEND_ZSTD)) return "zstd";
  return isTrue(environment.PULUMI_DIY_BACKEND_GZIP) ? "gzip" : "none";
}

/** Whether an environment variable holds what the CLI takes for true. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && ["1", "t", "true"].includes(value.toLowerCase());
}
