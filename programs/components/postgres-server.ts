import { apps, batch, core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Output, secret } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { componentType } from "#programs/component-type.ts";
import { initDatabasesScript } from "#programs/components/init-databases-script.ts";

export interface PostgresServerArgs {
  readonly namespace: string;
  readonly image: string;
  /** Each gets a database and a role of the same name, which owns it and may not connect to the others. */
  readonly databases: readonly string[];
  readonly storage: string;
  readonly memory: string;
}

/** How an application reaches its database. */
export interface DatabaseAccess {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** User and group of the `postgres` account in the Alpine image. */
const account = 70;
const port = 5432;

/**
 * One PostgreSQL server with a database and role per application. Passwords are random and kept in Secrets.
 *
 * @example
 * new PostgresServer("postgres", { namespace: "external", image: "postgres:17-alpine", databases: ["airflow"], storage: "10Gi", memory: "512Mi" });
 */
export class PostgresServer extends ComponentResource {
  /** Name of the Service inside the cluster. */
  readonly host: string;
  readonly port = port;
  /** By database; secret. */
  readonly databases: Output<Record<string, DatabaseAccess>>;
  /** Secret with the superuser's password under `password`. */
  readonly adminSecret: string;

  constructor(name: string, args: PostgresServerArgs, options?: ComponentResourceOptions) {
    super(componentType("PostgresServer"), name, {}, options);
    const { namespace } = args;
    const own = { parent: this };
    const labels = { "app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": name };
    this.host = `${name}.${namespace}.svc.cluster.local`;
    this.adminSecret = `${name}-admin`;

    const password = (role: string) => new RandomPassword(`${name}-${role}`, { length: 32, special: false }, own).result;
    const admin = new core.v1.Secret(
      `${name}-admin`,
      { metadata: { name: this.adminSecret, namespace }, stringData: { username: "postgres", password: password("admin") } },
      own,
    );
    const passwords = Object.fromEntries(args.databases.map((database) => [database, password(database)]));

    const volume = new core.v1.PersistentVolumeClaim(
      `${name}-data`,
      { metadata: { name: `${name}-data`, namespace }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: args.storage } } } },
      own,
    );
    new core.v1.Service(
      name,
      { metadata: { name, namespace, labels }, spec: { selector: labels, ports: [{ name: "postgres", port, targetPort: "postgres" }] } },
      own,
    );
    const server = new apps.v1.StatefulSet(
      name,
      {
        metadata: { name, namespace, labels },
        spec: {
          serviceName: name,
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: serverPod(args, admin.metadata.name, volume.metadata.name) },
        },
      },
      own,
    );

    // An immutable Secret with a generated name is replaced when a password or the list changes, and so is the Job, which then runs again.
    const roles = new core.v1.Secret(`${name}-roles`, { metadata: { namespace }, immutable: true, stringData: passwords }, own);
    new batch.v1.Job(
      `${name}-init`,
      {
        metadata: { namespace, labels },
        spec: {
          backoffLimit: 10,
          template: {
            metadata: { labels: { ...labels, "app.kubernetes.io/name": "postgresql-init" } },
            spec: initPod(args, this.host, admin.metadata.name, roles.metadata.name),
          },
        },
      },
      { ...own, dependsOn: server },
    );

    this.databases = secret(passwords).apply((all) =>
      Object.fromEntries(Object.entries(all).map(([database, password]) => [database, { host: this.host, port, database, user: database, password }])),
    );
    this.registerOutputs({ host: this.host, port, adminSecret: this.adminSecret });
  }
}

const confined = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const podSecurity = { runAsUser: account, runAsGroup: account, fsGroup: account };

function serverPod(args: PostgresServerArgs, adminSecret: Output<string>, claim: Output<string>) {
  const ready = { exec: { command: ["pg_isready", "--username=postgres"] }, periodSeconds: 5, timeoutSeconds: 3 };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity,
    terminationGracePeriodSeconds: 60,
    containers: [
      {
        name: "postgres",
        image: args.image,
        env: [
          { name: "PGDATA", value: "/var/lib/postgresql/data/pgdata" },
          { name: "POSTGRES_PASSWORD", valueFrom: { secretKeyRef: { name: adminSecret, key: "password" } } },
        ],
        ports: [{ name: "postgres", containerPort: port }],
        resources: { requests: { memory: args.memory, cpu: "100m" }, limits: { memory: args.memory } },
        readinessProbe: ready,
        livenessProbe: { ...ready, initialDelaySeconds: 30, failureThreshold: 6 },
        securityContext: confined,
        volumeMounts: [{ name: "data", mountPath: "/var/lib/postgresql/data" }],
      },
    ],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim } }],
  };
}

function initPod(args: PostgresServerArgs, host: string, adminSecret: Output<string>, rolesSecret: Output<string>) {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "OnFailure",
    securityContext: podSecurity,
    containers: [
      {
        name: "init",
        image: args.image,
        command: ["sh", "-c", initDatabasesScript],
        env: [
          { name: "PGHOST", value: host },
          { name: "PGUSER", value: "postgres" },
          { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: adminSecret, key: "password" } } },
        ],
        resources: { requests: { memory: "32Mi", cpu: "10m" }, limits: { memory: "128Mi" } },
        securityContext: confined,
        volumeMounts: [{ name: "roles", mountPath: "/roles", readOnly: true }],
      },
    ],
    volumes: [{ name: "roles", secret: { secretName: rolesSecret } }],
  };
}
