import { basename } from "node:path";

/** A Unix socket's address holds 108 bytes, a data folder's path may be longer: the name is given relative to the opened folder (Linux). */
export function shortSocketPath(socket: string, openFolder: number): string {
  return Buffer.byteLength(socket) < 100 ? socket : `/proc/self/fd/${openFolder}/${basename(socket)}`;
}
