import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chown, mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { TestPlaces } from "#test/operations/test-place.ts";

/** PostgreSQL refuses to run as root; then it runs as this user, which owns nothing else. */
const nobody = 65534;

/** The folder of `postgres` and `initdb`, found through PATH; `undefined` where there is none. */
export async function findPostgres(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const found = await realpath(join(folder, "postgres")).catch(() => undefined);
    const beside = found && dirname(found);
    if (
      beside &&
      (await access(join(beside, "initdb")).then(
        () => true,
        () => false,
      ))
    )
      return beside;
  }
  return undefined;
}

/** Schemas of a PostgreSQL server of the tests' own, on a free loopback port. */
export async function serverPlaces(binaries: string): Promise<TestPlaces> {
  const folder = await mkdtemp(join(tmpdir(), "strata-postgres-"));
  const asNobody = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if ("uid" in asNobody) await chown(folder, nobody, nobody);
  const data = join(folder, "data");
  await promisify(execFile)(join(binaries, "initdb"), ["-D", data, "-U", "strata", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"], {
    ...asNobody,
    cwd: folder,
  });
  const port = await freePort();
  const server = spawn(join(binaries, "postgres"), ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"], {
    ...asNobody,
    cwd: folder,
    stdio: "ignore",
  });
  const exited = once(server, "exit");
  const remove = async () => {
    server.kill("SIGINT");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const databaseUrl = `postgres://strata@127.0.0.1:${port}/postgres`;
  try {
    await answering(databaseUrl);
  } catch (error) {
    await remove();
    throw error;
  }
  let count = 0;
  return { fresh: async () => ({ databaseUrl, schema: `t${++count}` }), remove };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

async function answering(databaseUrl: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString: databaseUrl });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
