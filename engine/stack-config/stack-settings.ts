import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Document, isMap, LineCounter, type Pair, parseDocument, Scalar, type YAMLMap } from "yaml";
import type { Json } from "#core/wire-value.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { type ConfigKey, parseConfigKey } from "#engine/stack-config/config-key.ts";
import { type ConfigValue, configValueFrom, configValueToJson } from "#engine/stack-config/config-value.ts";
import type { Project } from "#engine/stack-config/project-file.ts";

/** Top-level keys in the order the CLI writes them. */
const order = ["secretsprovider", "encryptedkey", "encryptionsalt", "config", "environment"];
type SettingName = "secretsprovider" | "encryptedkey" | "encryptionsalt";

/**
 * A stack's `Pulumi.<stack>.yaml` (or `.yml`, `.json`). Changes touch only what they change: comments, order and quoting of the rest stay. Mirrors
 * pulumi/pulumi:sdk/go/common/workspace/{paths,project}.go `ProjectStack` (v3.259.0).
 */
export class StackSettings {
  readonly file: string;
  readonly #project: string;
  readonly #document: Document;
  readonly #json: boolean;

  private constructor(file: string, project: string, document: Document) {
    this.file = file;
    this.#project = project;
    this.#document = document;
    this.#json = file.endsWith(".json");
  }

  /** @param configFile from `--config-file`, else the file is found by the stack's name; an absent file is empty settings. */
  static async load(project: Project, stack: string, configFile?: string): Promise<StackSettings> {
    const file = configFile ?? (await stackFile(project, stack));
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw new CommandFailure(`could not read '${file}': ${error.message}`);
    });
    return new StackSettings(file, project.name, parse(file, text));
  }

  setting(name: SettingName): string | undefined {
    const value: unknown = this.#document.get(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  setSetting(name: SettingName, value: string | undefined): void {
    if (value === undefined) this.#document.delete(name);
    else this.#setTop(name, value);
  }

  /** Whether the stack imports environments, which a file backend doesn't have. */
  get importsEnvironments(): boolean {
    return this.#document.has("environment");
  }

  /** Every value by its full key, in order. */
  config(): Map<ConfigKey, ConfigValue> {
    const entries = this.#configPairs().map(([key, json]): [ConfigKey, ConfigValue] => [parseConfigKey(key, this.#project), configValueFrom(json)]);
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }

  get(key: ConfigKey): ConfigValue | undefined {
    return this.config().get(key);
  }

  set(key: ConfigKey, value: ConfigValue): void {
    const map = this.#configMap();
    const written = this.#writtenKey(map, key) ?? key;
    const node = this.#document.createNode(configValueToJson(value));
    const existing = map.get(written, true);
    // A comment behind a value stays with it.
    if (existing instanceof Scalar && node instanceof Scalar && existing.comment) node.comment = existing.comment;
    if (map.has(written)) map.set(written, node);
    else insertSorted(map, this.#document.createPair(written, node));
  }

  remove(key: ConfigKey): void {
    const map = this.#document.get("config");
    if (!isMap(map)) return;
    const written = this.#writtenKey(map, key);
    if (written !== undefined) map.delete(written);
    if (map.items.length === 0) this.#document.delete("config");
  }

  /** Replaces the whole configuration. */
  replaceConfig(config: ReadonlyMap<ConfigKey, ConfigValue>): void {
    for (const key of this.config().keys()) if (!config.has(key)) this.remove(key);
    for (const [key, value] of config) this.set(key, value);
  }

  /** Writes the file as a whole, beside it first. Mode 0600 for a new one. */
  async save(): Promise<void> {
    const empty = !isMap(this.#document.contents) || this.#document.contents.items.length === 0;
    const text = this.#json ? `${JSON.stringify(this.#document.toJS() ?? {}, undefined, 4)}\n` : empty ? "{}\n" : this.#document.toString({ lineWidth: 0 });
    await mkdir(dirname(this.file), { recursive: true });
    const mode = (await stat(this.file).catch(() => undefined))?.mode ?? 0o600;
    const temporary = `${this.file}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      await writeFile(temporary, text, { mode, flush: true });
      await rename(temporary, this.file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw new CommandFailure(`could not write '${this.file}': ${(error as Error).message}`);
    }
  }

  #configPairs(): [string, Json][] {
    const config = (this.#document.toJS() as { config?: unknown } | null)?.config;
    if (config === undefined || config === null) return [];
    if (typeof config !== "object" || Array.isArray(config)) throw new CommandFailure(`could not unmarshal '${this.file}': 'config' isn't a map`);
    return Object.entries(config as Record<string, Json>);
  }

  #configMap(): YAMLMap {
    const existing = this.#document.get("config");
    if (isMap(existing)) return existing;
    this.#setTop("config", {});
    const made = this.#document.get("config") as YAMLMap;
    made.flow = false;
    return made;
  }

  /** The key as the file spells it, e.g. `project:config:name`. */
  #writtenKey(map: YAMLMap, key: ConfigKey): string | undefined {
    const names = map.items.map((pair) => String((pair.key as Scalar | null)?.value ?? pair.key));
    return names.find((name) => parseConfigKey(name, this.#project) === key);
  }

  #setTop(name: string, value: unknown): void {
    if (!isMap(this.#document.contents)) {
      const comment = this.#document.commentBefore ?? this.#document.comment;
      this.#document.contents = this.#document.createNode({}) as never;
      if (comment) this.#document.commentBefore = comment;
    }
    const top = this.#document.contents as unknown as YAMLMap;
    top.flow = false;
    if (top.has(name)) {
      top.set(name, value);
      return;
    }
    const rank = order.indexOf(name);
    const at = top.items.findIndex((pair) => order.indexOf(String((pair.key as Scalar).value)) > rank);
    top.items.splice(at < 0 ? top.items.length : at, 0, this.#document.createPair(name, value) as Pair);
  }
}

/** Path of a stack's settings: the existing one among the possible endings, else `.yaml`. */
export async function stackFile(project: Project, stack: string): Promise<string> {
  const base = join(project.stackConfigFolder, `Pulumi.${basename(stack)}`);
  for (const extension of [".yaml", ".yml", ".json"]) if (await stat(base + extension).catch(() => undefined)) return base + extension;
  return `${base}.yaml`;
}

function parse(file: string, text: string): Document {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new CommandFailure(`could not unmarshal '${file}': ${file}:${line}:${col}: ${error.message}`);
  }
  if (document.contents !== null && !isMap(document.contents)) throw new CommandFailure(`could not unmarshal '${file}': expected a map at the top`);
  return document as unknown as Document;
}

function insertSorted(map: YAMLMap, pair: Pair): void {
  const key = String((pair.key as Scalar).value);
  const at = map.items.findIndex((item) => String((item.key as Scalar).value) > key);
  map.items.splice(at < 0 ? map.items.length : at, 0, pair);
}
