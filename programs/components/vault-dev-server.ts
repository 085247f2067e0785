import { apps, core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Input, jsonStringify } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { componentType } from "#programs/component-type.ts";

export interface VaultDevServerArgs {
  readonly namespace: string;
  readonly image: string;
  readonly memory: string;
  /** Secrets to keep under `lab/<name>`, each a map of fields. */
  readonly seed: Readonly<Record<string, Input<Record<string, unknown>>>>;
}

const port = 8200;

/** Writes the seed at every start of the pod: a development server keeps everything in memory. */
const seedScript = `set -eu
export VAULT_ADDR=http://127.0.0.1:${port} VAULT_TOKEN="$VAULT_DEV_ROOT_TOKEN_ID"
until vault status >/dev/null 2>&1; do sleep 1; done
vault secrets list -format=json | grep -q '"lab/"' || vault secrets enable -path=lab kv-v2
for file in /seed/*; do vault kv put "lab/$(basename "$file")" "@$file"; done
`;

/**
 * Vault in development mode: unsealed, in memory, with a random root token; what the lab needs in it is written again at every start.
 *
 * @example
 * new VaultDevServer("vault", { namespace: "external", image: "hashicorp/vault:2.0.4", memory: "128Mi", seed: { gitlab: { user: "gitlab", password } } });
 */
export class VaultDevServer extends ComponentResource {
  readonly host: string;
  readonly port = port;
  /** Secret with the root token under `token`. */
  readonly tokenSecret: string;

  constructor(name: string, args: VaultDevServerArgs, options?: ComponentResourceOptions) {
    super(componentType("VaultDevServer"), name, {}, options);
    const { namespace } = args;
    const own = { parent: this };
    const labels = { "app.kubernetes.io/name": "vault", "app.kubernetes.io/instance": name };
    this.host = `${name}.${namespace}.svc.cluster.local`;
    this.tokenSecret = `${name}-token`;
    const token = new RandomPassword(`${name}-token`, { length: 32, special: false }, own);
    const tokenSecret = new core.v1.Secret(`${name}-token`, { metadata: { name: this.tokenSecret, namespace }, stringData: { token: token.result } }, own);
    // Immutable and with a generated name: a changed seed gives a new name, and so a new pod that is seeded with it.
    const seed = new core.v1.Secret(
      `${name}-seed`,
      {
        metadata: { namespace },
        immutable: true,
        stringData: Object.fromEntries(Object.entries(args.seed).map(([key, fields]) => [key, jsonStringify(fields)])),
      },
      own,
    );
    new core.v1.Service(name, { metadata: { name, namespace, labels }, spec: { selector: labels, ports: [{ name: "http", port, targetPort: "http" }] } }, own);
    new apps.v1.Deployment(
      name,
      {
        metadata: { name, namespace, labels },
        spec: {
          replicas: 1,
          strategy: { type: "Recreate" },
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: { runAsUser: 100, runAsGroup: 1000, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
              containers: [
                {
                  name: "vault",
                  image: args.image,
                  args: ["server", "-dev"],
                  env: [
                    { name: "VAULT_DEV_ROOT_TOKEN_ID", valueFrom: { secretKeyRef: { name: tokenSecret.metadata.name, key: "token" } } },
                    { name: "VAULT_DEV_LISTEN_ADDRESS", value: `0.0.0.0:${port}` },
                    { name: "SKIP_SETCAP", value: "true" },
                    { name: "HOME", value: "/tmp" },
                  ],
                  lifecycle: { postStart: { exec: { command: ["sh", "-c", seedScript] } } },
                  ports: [{ name: "http", containerPort: port }],
                  readinessProbe: { httpGet: { path: "/v1/sys/health", port: "http" }, periodSeconds: 5 },
                  resources: { requests: { memory: args.memory, cpu: "50m" }, limits: { memory: "256Mi" } },
                  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                  volumeMounts: [{ name: "seed", mountPath: "/seed", readOnly: true }],
                },
              ],
              volumes: [{ name: "seed", secret: { secretName: seed.metadata.name } }],
            },
          },
        },
      },
      own,
    );
    this.registerOutputs({ host: this.host, port, tokenSecret: this.tokenSecret });
  }
}
