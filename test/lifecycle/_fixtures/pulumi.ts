// `pulumi` as a process of its own, with the packages that need no cluster.
import { runPulumiCli } from "#engine/command/run-pulumi-cli.ts";
import { createEmbeddedCommand } from "#engine/embedded-command.ts";
import { randomPackage } from "#providers/random/package.ts";

const { stdin, stdout, stderr } = process;
const command = createEmbeddedCommand({ packages: [randomPackage()], environment: process.env });
process.exitCode = await runPulumiCli(process.argv.slice(2), { command, cwd: process.cwd(), environment: {}, stdin, stdout, stderr, signals: process });
