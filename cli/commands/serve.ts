import type { Invocation } from "#cli/program/strata-command.ts";

export interface ServeVerbOptions {
  readonly host?: string;
  readonly port?: number;
  readonly insecure?: boolean;
  readonly startedBy: "cli" | "user";
}

/** `strata serve`. */
export async function serve({ session, options }: Invocation<ServeVerbOptions>): Promise<number> {
  const { host, port, insecure, startedBy } = options;
  return session.ports.serve({ ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }), insecure: insecure === true, startedBy });
}
