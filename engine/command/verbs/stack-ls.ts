import { readWithJournal } from "#engine/backend/journal-recovery.ts";
import { qualifiedName } from "#engine/backend/stack-reference.ts";
import type { Command } from "#engine/command/command-context.ts";
import { jsonFlag } from "#engine/command/flags.ts";
import { printedJson } from "#engine/command/printed-json.ts";
import { tableText } from "#engine/display/table.ts";
import { timeAgo } from "#engine/display/time-ago.ts";

interface StackSummary {
  readonly name: string;
  readonly current: boolean;
  readonly lastUpdate?: string;
  readonly resourceCount?: number;
}

/** Lists the project's stacks, or with `--all` every stack of the backend. */
export const stackLs: Command = {
  words: ["stack", "ls"],
  flags: {
    ...jsonFlag,
    all: { kind: "boolean", short: "a" },
    organization: { kind: "text", short: "o" },
    project: { kind: "text", short: "p" },
    tag: { kind: "text", short: "t" },
  },
  positional: { least: 0, most: 0 },
  async run({ arguments: args, workspace, clock, out }) {
    const store = await workspace.store();
    const wanted = args.boolean("all") ? undefined : (args.text("project") ?? (await workspace.project())?.name);
    const selected = await workspace.selectedName();
    const [tag, tagValue] = args.text("tag")?.split("=", 2) ?? [];
    const summaries: StackSummary[] = [];
    for (const reference of await store.list()) {
      if (wanted !== undefined && reference.project !== wanted) continue;
      if (tag !== undefined && !hasTag(await store.tags(reference), tag, tagValue)) continue;
      const checkpoint = await readWithJournal(store, reference);
      if (!checkpoint) continue;
      const { latest } = checkpoint;
      const time = latest && new Date(latest.manifest.time);
      summaries.push({
        name: await workspace.displayName(reference),
        current: selected === qualifiedName(reference) || selected === reference.stack,
        ...(time && time.getTime() > 0 ? { lastUpdate: time.toISOString() } : {}),
        ...(latest ? { resourceCount: latest.resources?.length ?? 0 } : {}),
      });
    }
    summaries.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (args.boolean("json")) out(printedJson(summaries));
    else
      out(
        tableText(
          ["NAME", "LAST UPDATE", "RESOURCE COUNT"],
          summaries.map((summary) => row(summary, clock.now())),
        ),
      );
  },
};

function row(summary: StackSummary, now: Date): string[] {
  return [
    summary.current ? `${summary.name}*` : summary.name,
    summary.lastUpdate ? timeAgo(new Date(summary.lastUpdate), now) : "n/a",
    summary.resourceCount === undefined ? "n/a" : String(summary.resourceCount),
  ];
}

function hasTag(tags: Record<string, string>, name: string, value: string | undefined): boolean {
  return Object.hasOwn(tags, name) && (value === undefined || tags[name] === value);
}
