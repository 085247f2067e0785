import { messageOf, StrataError } from "#core/errors.ts";
import type { App } from "#server/app-type.ts";

/**
 * Listens and answers the port that was taken; port 0 takes any free one. Throws `port_taken` naming address and remedy.
 */
export async function listen(app: App, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" && (error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    throw new StrataError(
      "port_taken",
      `The controller can't listen on ${host}:${port} (${messageOf(error)}). Stop what listens there, or choose another port with STRATA_PORT.`,
      {
        cause: error,
        facts: { host, port },
      },
    );
  }
  const address = app.server.address();
  if (typeof address !== "object" || address === null) throw new StrataError("internal", `The service listens on ${String(address)}, which has no port.`);
  return address.port;
}
