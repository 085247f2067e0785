import type { Json } from "#core/wire-value.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import { type ConfigKey, parseConfigKey } from "#engine/stack-config/config-key.ts";
import { type ConfigValue, configValueFrom, isSecure, plainValue } from "#engine/stack-config/config-value.ts";
import type { Project, ProjectConfigType } from "#engine/stack-config/project-file.ts";

/**
 * The stack's configuration with what the project's `config` block adds. Mirrors pulumi/pulumi:pkg/workspace/config.go `mergeConfig` (v3.259.0).
 * @param validate whether missing and wrongly typed values are errors; showing the configuration doesn't ask for that.
 * @param decrypt needed only to check the type of a secret.
 */
export function withProjectConfig(
  project: Project,
  stack: string,
  config: ReadonlyMap<ConfigKey, ConfigValue>,
  validate: { readonly decrypt: (ciphertext: string) => string } | undefined,
): Map<ConfigKey, ConfigValue> {
  const merged = new Map(config);
  const missing: string[] = [];
  for (const name of Object.keys(project.config).sort()) {
    const declared = project.config[name]!;
    const key = parseConfigKey(name, project.name);
    const fallback = declared.value ?? declared.default;
    if (merged.has(key)) continue;
    if (fallback !== undefined && fallback !== null) merged.set(key, configValueFrom(fallback));
    else if (key.startsWith(`${project.name}:`)) missing.push(name);
  }
  if (!validate) return merged;
  if (missing.length) throw new CommandFailure(phrases.missingConfiguration(stack, missing));
  for (const [name, declared] of Object.entries(project.config))
    checkType(stack, name, declared, merged.get(parseConfigKey(name, project.name)), validate.decrypt);
  return merged;
}

function checkType(stack: string, name: string, declared: ProjectConfigType, value: ConfigValue | undefined, decrypt: (ciphertext: string) => string): void {
  if (declared.type === undefined || value === undefined) return;
  if (declared.secret && !isSecure(value)) throw new CommandFailure(phrases.mustBeEncrypted(stack, name));
  const items = declared.items as TypeSpec | undefined;
  if (!hasType(plainValue(value, decrypt), declared.type, items))
    throw new CommandFailure(phrases.wrongConfigType(stack, name, fullName(declared.type, items)));
}

interface TypeSpec {
  readonly type?: string;
  readonly items?: TypeSpec;
}

function hasType(value: Json, type: string, items: TypeSpec | undefined): boolean {
  if (type === "string") return typeof value === "string";
  if (type === "integer") return typeof value === "number" ? Number.isInteger(value) : typeof value === "string" && /^[+-]?\d+$/.test(value);
  if (type === "boolean") return typeof value === "boolean" || value === "true" || value === "false";
  if (type === "array") return Array.isArray(value) && value.every((item) => !items?.type || hasType(item, items.type, items.items));
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return true;
}

function fullName(type: string, items: TypeSpec | undefined): string {
  return type === "array" && items?.type ? `array<${fullName(items.type, items.items)}>` : type;
}
