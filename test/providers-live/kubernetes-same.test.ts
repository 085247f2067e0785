import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PropertyMap } from "#core/property-value.ts";
import { KubernetesSession, type Managed } from "#test/providers/_helpers/kubernetes-session.ts";
import { quiet, SandboxFixture } from "#test/sandbox/sandbox-fixture.ts";

const namespace = `same-${randomBytes(3).toString("hex")}`;
const fixture = new SandboxFixture();
let session: KubernetesSession;
let home: Managed;

/** On the cluster that STRATA_TEST_KUBECONFIG names, else on a sandbox of its own. */
beforeAll(async () => {
  const kubeconfig = process.env.STRATA_TEST_KUBECONFIG ?? (await fixture.open("same").ensure(quiet())).kubeconfig;
  session = await KubernetesSession.open({ kubeconfig }, { HOME: fixture.dataFolder, PATH: process.env.PATH ?? "" });
  home = await session.create("kubernetes:core/v1:Namespace", "home", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});
afterAll(async () => {
  try {
    if (home) await session.delete(home);
    await session?.close();
  } finally {
    await fixture.remove();
  }
});

const skipAwait = { "pulumi.com/skipAwait": "true" };
const pod = (container: PropertyMap, more: PropertyMap = {}): PropertyMap => ({ containers: [{ name: "c", image: "i", ...container }], ...more });
const workload = (kind: string, container: PropertyMap, podMore: PropertyMap = {}, spec: PropertyMap = {}): PropertyMap => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { annotations: skipAwait },
  spec: {
    selector: { matchLabels: { app: "a" } },
    ...spec,
    template: { metadata: { creationTimestamp: null, labels: { app: "a" }, annotations: null }, spec: pod(container, podMore) },
  },
});
const bound = (kind: string, scope: string): PropertyMap => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind,
  metadata: {},
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: scope, name: "view" },
  subjects: [],
});

/** Objects as charts and people write them, with what the API server leaves out, fills in or writes otherwise. */
const manifests: readonly (readonly [string, PropertyMap])[] = [
  ["no secret data", { apiVersion: "v1", kind: "Secret", metadata: { labels: null, annotations: {} }, data: null }],
  ["empty secret data", { apiVersion: "v1", kind: "Secret", metadata: { labels: {}, annotations: null, creationTimestamp: null }, data: {}, stringData: {} }],
  ["a secret of many lines", { apiVersion: "v1", kind: "Secret", metadata: {}, data: { a: "aGVsbG8g\nd29ybGQ=\n" }, stringData: null }],
  ["a secret's empty text", { apiVersion: "v1", kind: "Secret", metadata: {}, immutable: false, stringData: { a: "", b: "trailing  \n  \n" } }],
  ["no config data", { apiVersion: "v1", kind: "ConfigMap", metadata: { annotations: null, labels: {}, finalizers: [], ownerReferences: null }, data: null }],
  ["empty config data", { apiVersion: "v1", kind: "ConfigMap", metadata: {}, data: {}, binaryData: null, immutable: null }],
  ["config text with trailing space", { apiVersion: "v1", kind: "ConfigMap", metadata: {}, data: { a: "x  \n y \t\n\n", b: "" } }],
  ["binary config with line breaks", { apiVersion: "v1", kind: "ConfigMap", metadata: {}, binaryData: { a: "aGVs\nbG8=" } }],
  ["a cluster role without rules", { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: {}, rules: [] }],
  ["a cluster role with null rules", { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: {}, rules: null }],
  [
    "an aggregated cluster role",
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: {},
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { none: namespace } }] },
      rules: [],
    },
  ],
  ["a role without rules", { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: {}, rules: [] }],
  [
    "a rule with empty lists",
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: {},
      rules: [{ apiGroups: [""], resources: ["pods"], resourceNames: [], verbs: ["get"], nonResourceURLs: null }],
    },
  ],
  ["a binding of nobody", bound("RoleBinding", "ClusterRole")],
  ["a cluster binding of nobody", bound("ClusterRoleBinding", "ClusterRole")],
  [
    "a binding whose subject lacks its group",
    { ...bound("RoleBinding", "ClusterRole"), subjects: [{ kind: "ServiceAccount", name: "default", namespace, apiGroup: "" }] },
  ],
  [
    "an account with empty lists",
    { apiVersion: "v1", kind: "ServiceAccount", metadata: {}, secrets: [], imagePullSecrets: [], automountServiceAccountToken: false },
  ],
  [
    "a service with zero values",
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { annotations: skipAwait },
      spec: {
        type: "",
        clusterIP: "",
        externalIPs: [],
        selector: {},
        sessionAffinity: "",
        ports: [{ name: "", port: 80, protocol: "", nodePort: 0, targetPort: "http" }],
      },
      status: { loadBalancer: {} },
    },
  ],
  [
    "a headless service",
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { annotations: skipAwait },
      spec: { clusterIP: "None", publishNotReadyAddresses: false, ports: [{ port: 80 }], selector: { a: "b" } },
    },
  ],
  [
    "a deployment with zero values",
    workload(
      "Deployment",
      {
        args: [],
        command: null,
        env: [
          { name: "EMPTY", value: "" },
          { name: "NONE", value: null },
        ],
        envFrom: [],
        ports: [{ name: "", containerPort: 80, protocol: "", hostPort: 0, hostIP: "" }],
        resources: {},
        securityContext: {},
        volumeMounts: [{ name: "v", mountPath: "/v", readOnly: false, subPath: "" }],
        livenessProbe: { httpGet: { path: "/", port: "http", scheme: "" }, initialDelaySeconds: 0, periodSeconds: 0 },
      },
      {
        volumes: [{ name: "v", emptyDir: {} }],
        nodeSelector: {},
        tolerations: [],
        affinity: {},
        hostNetwork: false,
        securityContext: {},
        imagePullSecrets: null,
        restartPolicy: "",
        initContainers: [],
      },
      { strategy: {}, revisionHistoryLimit: 0, paused: false, minReadySeconds: 0 },
    ),
  ],
  [
    "a deployment with quantities",
    workload("Deployment", {
      resources: { requests: { cpu: "1000m", memory: "1024Mi", "ephemeral-storage": 1 }, limits: { cpu: 2, memory: "1.5Gi" } },
      readinessProbe: { tcpSocket: { port: 80 } },
    }),
  ],
  ["a deployment with unknown fields", { ...workload("Deployment", { imaginary: 1 }), status: { replicas: 0 }, also: "this" }],
  [
    "a daemon set",
    workload(
      "DaemonSet",
      { env: [] },
      { tolerations: [{ operator: "Exists", key: "", effect: "" }] },
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%", maxSurge: 0 } } },
    ),
  ],
  [
    "a stateful set with a claim",
    workload(
      "StatefulSet",
      { volumeMounts: [] },
      {},
      {
        serviceName: "",
        podManagementPolicy: "",
        volumeClaimTemplates: [
          {
            metadata: { name: "data", annotations: {}, labels: null, creationTimestamp: null },
            spec: { accessModes: ["ReadWriteOnce"], storageClassName: null, resources: { requests: { storage: "1024Mi" } } },
            status: {},
          },
        ],
      },
    ),
  ],
  [
    "a stateful set with a claim of its own version",
    workload(
      "StatefulSet",
      {},
      {},
      {
        serviceName: "s",
        volumeClaimTemplates: [
          {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name: "d" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
          },
        ],
      },
    ),
  ],
  [
    "a job",
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { annotations: skipAwait },
      spec: { suspend: false, template: { metadata: {}, spec: pod({ env: null }, { restartPolicy: "Never" }) } },
    },
  ],
  [
    "a cron job",
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: {},
      spec: {
        schedule: "0 0 1 1 *",
        concurrencyPolicy: "",
        suspend: false,
        jobTemplate: { metadata: { creationTimestamp: null }, spec: { template: { spec: pod({ resources: null }, { restartPolicy: "OnFailure" }) } } },
      },
    },
  ],
  [
    "a policy that denies all",
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: {}, spec: { podSelector: {}, ingress: [], egress: null, policyTypes: ["Ingress"] } },
  ],
  [
    "a policy that allows all",
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: {},
      spec: { podSelector: { matchLabels: {} }, ingress: [{ from: [], ports: null }] },
    },
  ],
  [
    "a disruption budget",
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: {},
      spec: { minAvailable: "50%", selector: { matchLabels: { a: "b" }, matchExpressions: [] } },
    },
  ],
  [
    "an autoscaler",
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: {},
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "x" },
        maxReplicas: 3,
        metrics: [
          { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue: "1024Mi" } } },
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
        ],
        behavior: { scaleDown: { policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] } },
      },
    },
  ],
  [
    "an ingress",
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { annotations: skipAwait },
      spec: {
        tls: [],
        rules: [{ host: "", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80, name: "" } } } }] } }],
      },
    },
  ],
  [
    "a claim",
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { annotations: skipAwait },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1073741824" } }, storageClassName: "none" },
    },
  ],
  [
    "a volume",
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { annotations: skipAwait },
      spec: { capacity: { storage: "1024Mi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/x", type: "" }, mountOptions: [], storageClassName: "" },
    },
  ],
  [
    "a storage class",
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {},
      provisioner: "x.test/y",
      parameters: {},
      mountOptions: [],
      allowVolumeExpansion: false,
      reclaimPolicy: null,
    },
  ],
  ["a priority class", { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: {}, value: 0, globalDefault: false, description: "" }],
  [
    "a quota",
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { annotations: skipAwait },
      spec: { hard: { "requests.cpu": "2000m", pods: 10, "limits.memory": "2048Mi" }, scopes: [] },
    },
  ],
  [
    "a limit range",
    {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: {},
      spec: { limits: [{ type: "Container", default: { cpu: "500m" }, defaultRequest: { memory: 1048576 } }] },
    },
  ],
  [
    "a webhook",
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: {},
      webhooks: [
        {
          name: "a.b.test",
          admissionReviewVersions: ["v1"],
          sideEffects: "None",
          failurePolicy: "Ignore",
          namespaceSelector: {},
          objectSelector: { matchLabels: { none: namespace } },
          clientConfig: { caBundle: "", service: { name: "s", namespace, path: "/x", port: 443 } },
          rules: [{ apiGroups: [`${namespace}.test`], apiVersions: ["v1"], operations: ["CREATE"], resources: ["things"], scope: "*" }],
        },
      ],
    },
  ],
  ["endpoints", { apiVersion: "v1", kind: "Endpoints", metadata: {}, subsets: [] }],
  ["an ingress class", { apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: {}, spec: { controller: "x.test/y" } }],
  ["a namespace", { apiVersion: "v1", kind: "Namespace", metadata: { labels: {} }, spec: {}, status: {} }],
];

const typeOf = ({ apiVersion, kind }: PropertyMap): string => `kubernetes:${String(apiVersion).includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;

const differences = async (managed: Managed, news: PropertyMap): Promise<string> => {
  const { changes, detailedDiff } = await session.diff(managed, news);
  return changes === "none"
    ? ""
    : Object.entries(detailedDiff ?? {})
        .map(([path, { kind }]) => `${kind} ${path}`)
        .join(", ");
};

test.each(manifests)("nothing differs where nothing changed: %s", async (label, manifest) => {
  const metadata = manifest.metadata as PropertyMap;
  const name = `${namespace}-${label.replaceAll(/[^a-z]+/g, "-")}`;
  const clusterWide = /Cluster|^(StorageClass|PriorityClass|PersistentVolume|ValidatingWebhookConfiguration|IngressClass|Namespace)$/.test(
    String(manifest.kind),
  );
  const given = (): PropertyMap => structuredClone({ ...manifest, metadata: { ...metadata, name, ...(clusterWide ? {} : { namespace }) } }) as PropertyMap;
  const made = await session.create(typeOf(manifest), label, given());
  try {
    expect(await differences(made, given())).toBe("");
    const read = await session.read(made);
    const refreshed = { ...made, inputs: read.inputs ?? {}, outputs: read.outputs };
    expect(await differences(refreshed, given())).toBe("");
    const updated = await session.update(made, given());
    expect(await differences(updated, given())).toBe("");
  } finally {
    await session.delete(made);
  }
});
