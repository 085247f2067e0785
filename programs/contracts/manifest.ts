/** A Kubernetes object as a chart renders it, as far as contracts look into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: SecretRef & { readonly key: string } } }[];
  readonly envFrom?: readonly { readonly secretRef?: SecretRef }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly resources?: { readonly requests?: { readonly memory?: string | number } };
}

interface SecretRef {
  readonly name: string;
  readonly optional?: boolean;
}

interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly { readonly secret?: { readonly secretName: string; readonly optional?: boolean } }[];
  };
}

/** Labels of a workload's pods; `undefined` for what has no pods. */
export function podLabelsOf(manifest: Manifest): Readonly<Record<string, string>> | undefined {
  const template = templateOf(manifest);
  return template && (template.metadata?.labels ?? {});
}

/** A workload's containers, those that run before them left out. */
export function containersOf(manifest: Manifest): readonly Container[] {
  return templateOf(manifest)?.spec?.containers ?? [];
}

/** Secrets that a workload's pods read; with a key where one is named. */
export function secretsReadBy(manifest: Manifest): { readonly name: string; readonly key?: string; readonly optional: boolean }[] {
  const spec = templateOf(manifest)?.spec;
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return [
    ...containers.flatMap((container) =>
      (container.env ?? []).flatMap(({ valueFrom }) => (valueFrom?.secretKeyRef ? [{ optional: false, ...valueFrom.secretKeyRef }] : [])),
    ),
    ...containers.flatMap((container) => (container.envFrom ?? []).flatMap(({ secretRef }) => (secretRef ? [{ optional: false, ...secretRef }] : []))),
    ...(spec?.volumes ?? []).flatMap(({ secret }) => (secret ? [{ name: secret.secretName, optional: secret.optional ?? false }] : [])),
  ];
}

function templateOf(manifest: Manifest): PodTemplate | undefined {
  return (manifest.spec as { readonly template?: PodTemplate } | undefined)?.template;
}
