import type { Json } from "#core/wire-value.ts";
import type { UpdateInfo } from "#engine/backend/stack-store.ts";
import type { Command } from "#engine/command/command-context.ts";
import { type JsonConfigValue, jsonConfigValue } from "#engine/command/config-json.ts";
import { jsonFlag, showSecretsFlag, stackFlag } from "#engine/command/flags.ts";
import { printedJson } from "#engine/command/printed-json.ts";
import { timeAgo } from "#engine/display/time-ago.ts";
import { configValueFrom, isSecure } from "#engine/stack-config/config-value.ts";

/** Lists past updates, newest first. */
export const stackHistory: Command = {
  words: ["stack", "history"],
  flags: {
    ...stackFlag,
    ...jsonFlag,
    ...showSecretsFlag,
    "full-dates": { kind: "boolean" },
    page: { kind: "number" },
    "page-size": { kind: "number" },
  },
  positional: { least: 0, most: 0 },
  async run({ arguments: args, workspace, clock, out }) {
    const reference = await workspace.requireStack(args.text("stack"));
    const updates = await (await workspace.store()).history(reference, args.number("page-size") ?? 10, args.number("page") ?? 1);
    const needsKey = args.boolean("show-secrets") && updates.some(hasSecret);
    const { manager } = needsKey
      ? await workspace.secretsFor(await workspace.settings(reference), await workspace.readCheckpoint(reference), true)
      : { manager: undefined };
    if (args.boolean("json")) out(printedJson(updates.map((update) => jsonUpdate(update, manager && ((text) => manager.decrypt(text))))));
    else if (updates.length === 0) out("Stack has never been updated\n");
    else for (const update of updates) out(updateText(update, clock.now(), args.boolean("full-dates")));
  },
};

function jsonUpdate(update: UpdateInfo, decrypt: ((ciphertext: string) => string) | undefined): object {
  return {
    version: update.version,
    kind: update.kind,
    startTime: isoTime(update.startTime),
    message: update.message,
    environment: update.environment ?? {},
    config: Object.fromEntries(
      Object.entries(update.config ?? {})
        .sort()
        .map(([key, value]): [string, JsonConfigValue] => [key, jsonConfigValue(configValueFrom(value as Json), forgiving(decrypt))]),
    ),
    result: update.result,
    ...(update.result === "in-progress" ? {} : { endTime: isoTime(update.endTime), resourceChanges: update.resourceChanges ?? {} }),
  };
}

/** Values of an old update may have been encrypted with a key that is gone. */
function forgiving(decrypt: ((ciphertext: string) => string) | undefined): ((ciphertext: string) => string) | undefined {
  if (!decrypt) return undefined;
  return (ciphertext) => {
    try {
      return decrypt(ciphertext);
    } catch {
      return "ERROR_UNABLE_TO_DECRYPT";
    }
  };
}

function updateText(update: UpdateInfo, now: Date, fullDates: boolean): string {
  const changes = update.resourceChanges ?? {};
  const start = new Date(update.startTime * 1000);
  const when = fullDates ? `at ${start.toISOString()}` : timeAgo(start, now);
  const counts = `+${changes.create ?? 0}-${changes.delete ?? 0}~${changes.update ?? 0} ${changes.same ?? 0}`;
  const environment = Object.entries(update.environment ?? {})
    .sort()
    .map(([key, value]) => `    ${key}: ${value}\n`);
  return (
    `Version: ${update.version}\nUpdateKind: ${update.kind}\nStatus: ${update.result}\nMessage: ${update.message}\n` +
    `${counts} Updated ${when} took ${Math.max(0, update.endTime - update.startTime)}s\n${environment.join("")}\n`
  );
}

function hasSecret(update: UpdateInfo): boolean {
  return Object.values(update.config ?? {}).some((value) => isSecure(configValueFrom(value as Json)));
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
