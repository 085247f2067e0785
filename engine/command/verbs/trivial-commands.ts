import type { Command, CommandContext } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { configFileFlag, jsonFlag, stackFlag, yesFlag } from "#engine/command/flags.ts";
import { printedJson } from "#engine/command/printed-json.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import { tableText } from "#engine/display/table.ts";

const anyNumber = { least: 0, most: Number.POSITIVE_INFINITY } as const;

/** Provider packages are built in, so there is nothing to install: programs bring their own dependencies. */
const install: Command = {
  words: ["install"],
  flags: {
    "no-dependencies": { kind: "boolean" },
    "no-plugins": { kind: "boolean" },
    reinstall: { kind: "boolean" },
    "use-language-version-tools": { kind: "boolean" },
    parallel: { kind: "number" },
  },
  positional: anyNumber,
  run: async () => undefined,
};

/** Says which built-in package serves the plugin; one that isn't built in can't be installed. */
const pluginInstall: Command = {
  words: ["plugin", "install"],
  flags: {
    checksum: { kind: "text" },
    exact: { kind: "boolean" },
    file: { kind: "text", short: "f" },
    reinstall: { kind: "boolean" },
    server: { kind: "text" },
  },
  positional: { least: 0, most: 3 },
  async run({ arguments: args, packages }) {
    const [kind, name, version] = args.positional;
    if (kind === undefined) return;
    const builtIn = kind === "resource" && name !== undefined ? packages.get(name) : undefined;
    if (!builtIn) throw new CommandFailure(phrases.unsupported(`the plugin ${[kind, name, version].filter(Boolean).join(" ")}`));
  },
};

const pluginLs: Command = {
  words: ["plugin", "ls"],
  flags: { ...jsonFlag, project: { kind: "boolean", short: "p" } },
  positional: { least: 0, most: 0 },
  async run({ arguments: args, packages, out }) {
    const plugins = [...packages.values()]
      .map(({ name, version }) => ({ name, kind: "resource", version, size: 0 }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    out(
      args.boolean("json")
        ? printedJson(plugins)
        : tableText(
            ["NAME", "KIND", "VERSION", "SIZE"],
            plugins.map(({ name, kind, version }) => [name, kind, version, "built in"]),
          ),
    );
  },
};

/** Built-in packages can't be removed, and there are no others. */
const pluginRm: Command = {
  words: ["plugin", "rm"],
  flags: { ...yesFlag, all: { kind: "boolean", short: "a" } },
  positional: { least: 0, most: 3 },
  run: async ({ out }) => out("no plugins found to uninstall\n"),
};

const orgGetDefault: Command = {
  words: ["org", "get-default"],
  flags: {},
  positional: { least: 0, most: 0 },
  run: async ({ out }) => out("\n"),
};

const orgSetDefault: Command = {
  words: ["org", "set-default"],
  flags: {},
  positional: { least: 1, most: 1 },
  async run({ workspace }) {
    throw new CommandFailure(`unable to set a default organization for backend type: ${await workspace.backendUrl()}`);
  },
};

async function refuseEnvironments({ workspace }: CommandContext): Promise<void> {
  throw new CommandFailure(phrases.environmentsUnsupported(await workspace.backendUrl()));
}

const environmentFlags = { ...stackFlag, ...yesFlag, ...jsonFlag, ...configFileFlag };

export const trivialCommands: readonly Command[] = [
  install,
  pluginInstall,
  pluginLs,
  pluginRm,
  orgGetDefault,
  orgSetDefault,
  ...["add", "ls", "rm", "init"].map(
    (verb): Command => ({ words: ["config", "env", verb], flags: environmentFlags, positional: anyNumber, run: refuseEnvironments }),
  ),
];
