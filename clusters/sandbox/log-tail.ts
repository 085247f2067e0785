import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The last lines of a log file, at most 16 KiB of it; empty when there is none. */
export function lastLines(path: string, count: number): string[] {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const length = Math.min(size, 16_384);
    const buffer = Buffer.alloc(length);
    readSync(file, buffer, 0, length, size - length);
    return buffer.toString().split("\n").filter(Boolean).slice(-count);
  } finally {
    closeSync(file);
  }
}
