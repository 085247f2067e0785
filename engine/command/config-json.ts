import type { Json } from "#core/wire-value.ts";
import { type ConfigValue, isSecure, isStructured, plainText, plainValue } from "#engine/stack-config/config-value.ts";

/** A configuration value as `--json` prints it. */
export interface JsonConfigValue {
  readonly value?: string;
  readonly objectValue?: Json;
  readonly secret: boolean;
}

/** @param decrypt absent where secrets aren't to be shown: their value is left out then. */
export function jsonConfigValue(value: ConfigValue, decrypt: ((ciphertext: string) => string) | undefined): JsonConfigValue {
  const secret = isSecure(value);
  if (secret && !decrypt) return { secret };
  const open = decrypt ?? ((text: string) => text);
  return { value: plainText(value, open), ...(isStructured(value) ? { objectValue: plainValue(value, open) } : {}), secret };
}
