import { crc32 } from "node:zlib";
import type { OperationJson, ResourceJson } from "#engine/backend/checkpoint.ts";

/**
 * What a journal is made of. States are named by numbers: those of the base checkpoint by their place in it, later ones as they come. A file begins with a
 * `start` record; each line is `CRC32 JSON`, so that a line that was torn by a crash is seen.
 */
export type JournalRecord =
  | {
      readonly kind: "start";
      readonly version: 1;
      /** `organization/PROJECT/STACK`. */
      readonly stack: string;
      /** SHA-256 of the checkpoint text that the journal builds on. */
      readonly base: string;
      readonly secretsProvider: { readonly type: string; readonly state: unknown };
    }
  | { readonly kind: "begin"; readonly token: number; readonly operation: OperationJson }
  | { readonly kind: "end"; readonly token: number; readonly change?: ChangeRecord }
  | { readonly kind: "change"; readonly change: ChangeRecord }
  /** Replaces everything; an entry without `resource` is a state that is known already. */
  | { readonly kind: "rebase"; readonly states: readonly StateEntry[]; readonly pending: readonly OperationJson[] }
  /** Written before the checkpoint that holds all of the above: SHA-256 of its text. */
  | { readonly kind: "folded"; readonly checkpoint: string };

export interface ChangeRecord {
  readonly amend?: Required<StateEntry>;
  readonly drop?: number;
  readonly put?: Required<StateEntry>;
}

export interface StateEntry {
  readonly id: number;
  readonly resource?: ResourceJson;
}

export const journalVersion = 1;

export function encodeRecord(record: JournalRecord): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

export interface ParsedJournal {
  readonly records: readonly JournalRecord[];
  /** Something whole follows a line that isn't: more than a torn tail, so the journal can't be trusted. */
  readonly damaged: boolean;
  /** How many bytes the whole lines take. */
  readonly length: number;
}

/** Reads as far as lines are whole; a torn last line was never acknowledged to anybody and is left out. */
export function parseJournal(bytes: Buffer): ParsedJournal {
  const records: JournalRecord[] = [];
  const lines = bytes.toString("utf8").split("\n");
  let length = 0;
  for (const [index, line] of lines.entries()) {
    const record = decodeLine(line, index < lines.length - 1);
    if (!record)
      return {
        records,
        length,
        damaged: lines.slice(index + 1).some((later, offset) => decodeLine(later, index + 1 + offset < lines.length - 1) !== undefined),
      };
    records.push(record);
    length += Buffer.byteLength(line) + 1;
  }
  return { records, length, damaged: false };
}

function decodeLine(line: string, terminated: boolean): JournalRecord | undefined {
  if (!terminated || line[8] !== " ") return undefined;
  const json = line.slice(9);
  return checksum(json) === line.slice(0, 8) ? (JSON.parse(json) as JournalRecord) : undefined;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
