import { hostname } from "node:os";
import { parseUrn, rootStackType } from "#core/urn.ts";
import type { ResourceJson } from "#engine/backend/checkpoint.ts";
import type { Command } from "#engine/command/command-context.ts";
import { showSecretsFlag, stackFlag } from "#engine/command/flags.ts";
import { shownOutputs } from "#engine/command/stack-outputs.ts";
import { outputsTable } from "#engine/command/verbs/stack-output.ts";
import { tableText } from "#engine/display/table.ts";
import { timeAgo } from "#engine/display/time-ago.ts";

/** What `pulumi stack` shows: when it was last updated and by what, its resources as a tree, its outputs. */
export const stackShow: Command = {
  words: ["stack"],
  flags: {
    ...stackFlag,
    ...showSecretsFlag,
    "show-ids": { kind: "boolean", short: "i" },
    "show-name": { kind: "boolean" },
    "show-urns": { kind: "boolean", short: "u" },
  },
  positional: { least: 0, most: 0 },
  async run({ arguments: args, workspace, clock, out }) {
    const reference = await workspace.requireStack(args.text("stack"));
    const name = await workspace.displayName(reference);
    if (args.boolean("show-name")) {
      out(`${name}\n`);
      return;
    }
    const checkpoint = await workspace.readCheckpoint(reference);
    const { latest } = checkpoint;
    out(`Current stack is ${name}:\n    Managed by ${hostname()}\n`);
    if (latest)
      out(
        `    Last updated: ${timeAgo(new Date(latest.manifest.time), clock.now())} (${goTime(latest.manifest.time)})\n    Pulumi version used: ${latest.manifest.version}\n`,
      );
    const resources = latest?.resources ?? [];
    out(`Current stack resources (${resources.length}):\n`);
    if (resources.length === 0) out("    No resources currently in this stack\n");
    else out(treeText(resources, args.boolean("show-urns"), args.boolean("show-ids")));
    out(`\n${outputsTable(await shownOutputs(workspace, checkpoint, args.boolean("show-secrets")))}`);
    out("\nUse `pulumi stack select` to change stack; `pulumi stack ls` lists known ones\n");
  },
};

interface TreeLine {
  readonly type: string;
  readonly name: string;
  /** Lines below, which don't count for the width of the columns. */
  readonly details: readonly string[];
}

function treeText(resources: readonly ResourceJson[], showUrns: boolean, showIds: boolean): string {
  const lines = treeLines(resources, showUrns, showIds);
  const [heading, ...table] = tableText(
    ["TYPE", "NAME"],
    lines.map(({ type, name }) => [type, name]),
    "    ",
  )
    .trimEnd()
    .split("\n");
  return [heading, ...table.flatMap((line, index) => [line, ...lines[index]!.details.map((detail) => `    ${detail}`)])].map((line) => `${line}\n`).join("");
}

function treeLines(resources: readonly ResourceJson[], showUrns: boolean, showIds: boolean): TreeLine[] {
  const root = resources.find((resource) => resource.type === rootStackType);
  const known = new Set(resources.map((resource) => resource.urn));
  const parentOf = (resource: ResourceJson) =>
    resource === root ? undefined : typeof resource.parent === "string" && known.has(resource.parent) ? resource.parent : root?.urn;
  const lines: TreeLine[] = [];
  const visit = (resource: ResourceJson, lead: string, below: string) => {
    const children = inShownOrder(resources.filter((other) => other !== resource && parentOf(other) === resource.urn));
    const detailLead = `${below}${children.length ? "│  " : "   "}`;
    const details = [
      ...(showUrns ? [`${detailLead}URN: ${resource.urn}`] : []),
      ...(showIds && resource.id ? [`${detailLead}ID: ${String(resource.id)}`] : []),
    ];
    lines.push({ type: lead + resource.type, name: parseUrn(resource.urn).name, details });
    for (const [index, child] of children.entries()) {
      const last = index === children.length - 1;
      visit(child, `${below}${last ? "└─ " : "├─ "}`, `${below}${last ? "   " : "│  "}`);
    }
  };
  for (const top of resources.filter((resource) => parentOf(resource) === undefined)) visit(top, "", "");
  return lines;
}

/** Resources before providers, each by type and name. */
function inShownOrder(resources: readonly ResourceJson[]): ResourceJson[] {
  const isProvider = (resource: ResourceJson) => resource.type.startsWith("pulumi:providers:");
  return [...resources].sort((a, b) => Number(isProvider(a)) - Number(isProvider(b)) || Number(a.custom) - Number(b.custom) || (a.urn < b.urn ? -1 : 1));
}

/** `2026-11-21T06:09:35.97Z` as `2026-11-21 06:09:35.97 +0000 UTC`. */
function goTime(time: string): string {
  return `${time.replace("T", " ").replace(/Z$/, "")} +0000 UTC`;
}
