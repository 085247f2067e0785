import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import type { Json, JsonObject } from "#core/wire-value.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";

/** What the engine needs of a `Pulumi.yaml`. Mirrors pulumi/pulumi:sdk/go/common/workspace/project.go `Project` (v3.259.0). */
export interface Project {
  /** Absolute path of the file. */
  readonly file: string;
  /** Folder of the file. */
  readonly folder: string;
  readonly name: string;
  readonly runtime: { readonly name: string; readonly options: JsonObject };
  /** As written: relative to the project's folder; absent for the folder itself. */
  readonly main: string | undefined;
  readonly backendUrl: string | undefined;
  /** Folder of the stack files, absolute. */
  readonly stackConfigFolder: string;
  readonly config: Readonly<Record<string, ProjectConfigType>>;
}

/** How a project declares one configuration value. */
export interface ProjectConfigType {
  /** Absent when the declaration is only a value. */
  readonly type: string | undefined;
  readonly items: JsonObject | undefined;
  readonly default: Json | undefined;
  readonly value: Json | undefined;
  readonly secret: boolean;
}

const extensions = [".yaml", ".yml", ".json"];

/** The project whose folder or subfolder `cwd` is; `undefined` when there is none. */
export async function findProject(cwd: string): Promise<Project | undefined> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    for (const extension of extensions) {
      const file = join(folder, `Pulumi${extension}`);
      const text = await readFile(file, "utf8").catch(absentAsUndefined);
      if (text !== undefined) return readProject(file, text);
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** As {@link findProject}, but its absence is an error. */
export async function requireProject(cwd: string): Promise<Project> {
  const project = await findProject(cwd);
  if (!project) throw new CommandFailure(phrases.projectNotFound(cwd));
  return project;
}

function readProject(file: string, text: string): Project {
  const content = parseYamlObject(file, text);
  if (typeof content.name !== "string" || content.name === "") throw new CommandFailure(`${file}: project is missing a 'name' attribute`);
  const folder = dirname(file);
  return {
    file,
    folder,
    name: content.name,
    runtime: readRuntime(file, content.runtime),
    main: optionalText(file, content, "main"),
    backendUrl: isObject(content.backend) ? optionalText(file, content.backend, "url") : undefined,
    stackConfigFolder: resolve(folder, optionalText(file, content, "stackConfigDir") ?? "."),
    config: readConfigTypes(file, content.config),
  };
}

function readRuntime(file: string, runtime: Json | undefined): Project["runtime"] {
  if (typeof runtime === "string") return { name: runtime, options: {} };
  if (isObject(runtime) && typeof runtime.name === "string") return { name: runtime.name, options: isObject(runtime.options) ? runtime.options : {} };
  throw new CommandFailure(`${file}: project is missing a 'runtime' attribute`);
}

function readConfigTypes(file: string, config: Json | undefined): Record<string, ProjectConfigType> {
  if (config === undefined || config === null) return {};
  if (!isObject(config)) throw new CommandFailure(`${file}: 'config' isn't a map`);
  return Object.fromEntries(Object.entries(config).map(([key, declaration]) => [key, readConfigType(declaration)]));
}

function readConfigType(declaration: Json): ProjectConfigType {
  if (!isObject(declaration)) return { type: undefined, items: undefined, default: undefined, value: declaration, secret: false };
  const { type, items, default: fallback, value, secret } = declaration;
  const inferred = typeof type === "string" ? type : fallback === undefined ? undefined : typeOf(fallback);
  return { type: inferred, items: isObject(items) ? items : undefined, default: fallback, value, secret: secret === true };
}

function typeOf(value: Json): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return "integer";
  return typeof value === "object" ? "object" : typeof value;
}

/** Parses YAML (or JSON, which is YAML) that must be a map; errors name file, line and column. */
export function parseYamlObject(file: string, text: string): JsonObject {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new CommandFailure(`could not unmarshal '${file}': ${file}:${line}:${col}: ${error.message}`);
  }
  const content = document.toJS() as Json;
  if (content === null) return {};
  if (!isObject(content)) throw new CommandFailure(`could not unmarshal '${file}': expected a map at the top`);
  return content;
}

function optionalText(file: string, content: JsonObject, field: string): string | undefined {
  const value = content[field];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw new CommandFailure(`${file}: '${field}' isn't a text`);
  return value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function absentAsUndefined(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES") return undefined;
  throw new CommandFailure(`could not read the project file: ${error.message}`);
}
