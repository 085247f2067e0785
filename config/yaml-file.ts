import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { messageOf, StrataError } from "#core/errors.ts";
import type { Json } from "#core/wire-value.ts";

/** Place of a value inside a document: keys and indexes from the top. */
export type ValuePath = readonly (string | number)[];

/** A YAML file whose values know where they stand, so that an error can name file, line and column. */
export class YamlFile {
  /** Relative to the folder that was given, with `/`, as errors show it. */
  readonly path: string;
  readonly value: Json;
  private readonly document: Document;
  private readonly lines: LineCounter;

  private constructor(path: string, document: Document, lines: LineCounter) {
    this.path = path;
    this.document = document;
    this.lines = lines;
    this.value = document.toJS({ maxAliasCount: 100 }) as Json;
  }

  /** Reads one file; throws `invalid_config` when it can't be read or isn't YAML. `shownFrom` is the folder that shown paths start at. */
  static async read(path: string, shownFrom: string): Promise<YamlFile> {
    const shown = relative(shownFrom, path).replaceAll("\\", "/");
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (cause) {
      throw new StrataError("invalid_config", `${shown} can't be read (${messageOf(cause)}). Put the file back or make it readable.`, {
        cause,
        facts: { file: shown },
      });
    }
    return YamlFile.parse(text, shown);
  }

  /** Throws `invalid_config` naming line and column of the first thing that isn't YAML. */
  static parse(text: string, shown: string): YamlFile {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [first] = document.errors;
    if (first) {
      const { line, col } = lines.linePos(first.pos[0]);
      throw new StrataError("invalid_config", `${shown}:${line}:${col}: not valid YAML: ${first.message}`, { facts: { file: shown, line, column: col } });
    }
    return new YamlFile(shown, document, lines);
  }

  /** `file:line:column` of the value at a path, or of its nearest parent that exists. `key` asks for the place of the last key itself. */
  placeOf(path: ValuePath, options: { readonly key?: boolean } = {}): string {
    for (let length = path.length; length >= 0; length--) {
      const node = this.nodeAt(path.slice(0, length), (options.key ?? false) && length === path.length);
      if (!node?.range) continue;
      const { line, col } = this.lines.linePos(node.range[0]);
      return `${this.path}:${line}:${col}`;
    }
    return this.path;
  }

  private nodeAt(path: ValuePath, key: boolean): Node | undefined {
    if (path.length === 0) return (this.document.contents as Node | null) ?? undefined;
    const last = path.at(-1);
    if (key) {
      const parent = this.document.getIn(path.slice(0, -1), true) ?? this.document.contents;
      const holder = path.length === 1 ? this.document.contents : parent;
      const pair = isMap(holder) ? holder.items.find((item) => isScalar(item.key) && String(item.key.value) === String(last)) : undefined;
      return pair && isScalar(pair.key) ? pair.key : undefined;
    }
    return (this.document.getIn(path, true) as Node | undefined) ?? undefined;
  }
}
