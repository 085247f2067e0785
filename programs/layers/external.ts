import type { Input } from "@pulumi/pulumi";
import type { AccessHint } from "#core/operation.ts";
import { secretHint } from "#programs/access-hints.ts";
import { PostgresServer, type PostgresServerArgs } from "#programs/components/postgres-server.ts";
import { VaultDevServer, type VaultDevServerArgs } from "#programs/components/vault-dev-server.ts";
import type { LayerProgram } from "#programs/layer.ts";
import { LayerScope } from "#programs/layer-scope.ts";

/** Services that live outside the platform, placed on the cluster (`mode: cluster`): PostgreSQL, and Vault in development mode. */
export const external: LayerProgram = async (context) => {
  const scope = new LayerScope(context);
  const outputs: Record<string, unknown> = {};
  const access: AccessHint[] = [];
  const seed: Record<string, Input<Record<string, unknown>>> = {};

  const postgres = scope.find("postgres");
  if (postgres) {
    const values = scope.values<PostgresServerArgs>(postgres);
    const server = new PostgresServer("postgres", values, scope.options("postgres"));
    Object.assign(outputs, { postgresHost: server.host, postgresPort: server.port, databases: server.databases });
    for (const database of values.databases) seed[database] = server.databases.apply((all) => ({ ...all[database] }));
    access.push(secretHint("PostgreSQL superuser 'postgres'", values.namespace, server.adminSecret, "password"));
  }

  const vault = scope.find("vault");
  if (vault) {
    const values = scope.values<Omit<VaultDevServerArgs, "seed">>(vault);
    const { host, port, tokenSecret } = new VaultDevServer("vault", { ...values, seed }, scope.options("vault"));
    Object.assign(outputs, { vaultAddress: `http://${host}:${port}` });
    access.push(
      {
        title: "Vault, on 127.0.0.1 while this runs",
        kind: "command",
        value: `kubectl -n ${values.namespace} port-forward --address 127.0.0.1 service/vault ${port}:${port}`,
      },
      secretHint("Vault root token", values.namespace, tokenSecret, "token"),
    );
  }
  return { ...outputs, access };
};
