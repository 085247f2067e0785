import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import { formatPropertyPath, type PropertyPath, parsePropertyPath } from "#engine/values/property-path.ts";

/** `namespace:name`. */
export type ConfigKey = string & { readonly __brand: "config key" };

/** Parses `name` (in the project's namespace), `namespace:name` or the old `namespace:config:name`. */
export function parseConfigKey(text: string, project: string): ConfigKey {
  const parts = text.split(":");
  if (parts.length === 1 && text !== "") return `${project}:${text}` as ConfigKey;
  if (parts.length === 2) return text as ConfigKey;
  if (parts.length === 3 && parts[1] === "config") return `${parts[0]}:${parts[2]}` as ConfigKey;
  throw new CommandFailure(phrases.badConfigKey(text));
}

/** A key whose name is a path into its value: `namespace:root.nested[0]`. */
export interface ConfigKeyPath {
  readonly key: ConfigKey;
  /** What follows the root. */
  readonly rest: PropertyPath;
  readonly root: string;
}

export function parseConfigKeyPath(text: string, project: string): ConfigKeyPath {
  const path = readPath(text);
  const first = path[0];
  if (typeof first !== "string" || first === "")
    throw new CommandFailure(`invalid config key path '${text}': first path segment of a config key must be a string`);
  const namespaced = first.includes(":") || !text.includes(":") ? first : text.slice(0, text.indexOf(":") + 1) + first;
  return { key: parseConfigKey(namespaced, project), rest: path.slice(1), root: first };
}

/** Key and path as one text. */
export function formatConfigKeyPath({ key, rest }: ConfigKeyPath): string {
  return formatPropertyPath([key, ...rest]);
}

/** As people see a key: without the namespace when it is the project's. */
export function displayKey(key: string, project: string | undefined): string {
  return project !== undefined && key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;
}

function readPath(text: string): PropertyPath {
  try {
    return parsePropertyPath(text);
  } catch (error) {
    throw new CommandFailure(`invalid config key path '${text}': ${(error as Error).message}`);
  }
}
