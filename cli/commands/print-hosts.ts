import { isIP } from "node:net";
import { chooseEnvironment } from "#cli/commands/choose-environment.ts";
import { newestUp } from "#cli/commands/newest-up.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { StrataError } from "#core/errors.ts";
import type { AccessHint } from "#core/operation.ts";

export interface HostsOptions {
  readonly env?: string;
  readonly address: string;
}

/** `strata hosts print [system]`: lines for the host file, which is never touched. */
export async function printHosts({ session, options, args }: Invocation<HostsOptions, [string | undefined]>): Promise<ExitCodeName> {
  if (isIP(options.address) === 0) throw new StrataError("invalid_request", `--address is '${options.address}', expected an IP address.`);
  const api = await session.connect();
  const { system, environment, words } = await chooseEnvironment(api, args[0], options.env);
  const lastUp = await newestUp(api, system, environment);
  const hosts = hostNames(lastUp?.result?.access ?? []);
  if (session.json) session.terminal.json(hosts.map((host) => ({ address: options.address, host })));
  else if (!hosts.length) session.terminal.note(`Nothing that is deployed in ${system}/${environment} has a host name ('strata up ${words}')`);
  else session.terminal.print(hosts.map((host) => `${options.address}\t${host}`));
  return "ok";
}

function hostNames(access: readonly AccessHint[]): string[] {
  const hosts = access.flatMap(({ kind, value }) => (kind === "url" ? [URL.parse(value)?.hostname ?? ""] : []));
  return [...new Set(hosts)].filter((host) => host !== "" && host !== "localhost" && isIP(host.replace(/^\[|\]$/g, "")) === 0).sort();
}
