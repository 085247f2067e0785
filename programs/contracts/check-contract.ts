import { parseQuantity } from "#core/quantity.ts";
import type { ComponentContract, ServiceContract, WorkloadContract } from "#programs/contracts/component-contract.ts";
import { containersOf, type Manifest, podLabelsOf, secretsReadBy } from "#programs/contracts/manifest.ts";

/**
 * How the objects that a chart renders to differ from what its component promised, one sentence each; empty when the contract is kept. The namespace isn't
 * checked, since not every chart writes it.
 */
export function checkContract(contract: ComponentContract, manifests: readonly Manifest[]): string[] {
  const find = (kind: string, name: string) => manifests.find((one) => one.kind === kind && one.metadata.name === name);
  return [
    ...contract.crds.flatMap(({ name, scope, version }) => {
      const spec = find("CustomResourceDefinition", name)?.spec as { scope?: string; versions?: { name: string; served: boolean }[] } | undefined;
      if (!spec) return [`CustomResourceDefinition ${name} is missing`];
      if (spec.scope !== scope) return [`CustomResourceDefinition ${name} is ${spec.scope}, not ${scope}`];
      return spec.versions?.some((one) => one.name === version && one.served) ? [] : [`CustomResourceDefinition ${name} doesn't serve ${version}`];
    }),
    ...contract.workloads.flatMap((workload) => checkWorkload(workload, find)),
    ...contract.services.flatMap((service) => checkService(service, contract, manifests)),
    ...checkSecrets(contract, manifests),
  ];
}

type Find = (kind: string, name: string) => Manifest | undefined;

function checkWorkload({ kind, name, memory, operatedFrom }: WorkloadContract, find: Find): string[] {
  const workload = find(kind, name);
  const operated = operatedFrom && find(operatedFrom.kind, operatedFrom.name);
  if (!workload && !operated) return [`${kind} ${name} is missing`];
  const requests = workload ? containersOf(workload).map((container) => container.resources?.requests?.memory) : [operatedMemory(operated!)];
  const sum = requests.reduce<number>((total, request) => total + (request === undefined ? 0 : (parseQuantity(request) ?? Number.NaN)), 0);
  return sum === parseQuantity(memory) ? [] : [`${kind} ${name} requests ${sum / 2 ** 20}Mi of memory per pod, not ${memory}`];
}

function operatedMemory(resource: Manifest): string | number | undefined {
  return (resource.spec as { resources?: { requests?: { memory?: string } } }).resources?.requests?.memory;
}

function checkService(service: ServiceContract, contract: ComponentContract, manifests: readonly Manifest[]): string[] {
  const found = manifests.find((one) => one.kind === "Service" && one.metadata.name === service.name);
  if (!found) return [`Service ${service.name} is missing`];
  const { selector = {}, ports = [] } = found.spec as {
    selector?: Record<string, string>;
    ports?: { name?: string; port: number; targetPort?: number | string }[];
  };
  const problems: string[] = [];
  if (!sameEntries(selector, service.selector))
    problems.push(`Service ${service.name} selects ${JSON.stringify(selector)}, not ${JSON.stringify(service.selector)}`);
  const workload = manifests.find((one) => matches(podLabelsOf(one), selector));
  const operated = contract.workloads.some(({ operatedFrom }) => operatedFrom && matches(operatedFrom.podLabels, selector));
  if (!workload && !operated) problems.push(`Service ${service.name} selects no pods of the chart`);
  for (const [name, number] of Object.entries(service.ports)) {
    const port = ports.find((one) => one.name === name);
    if (port?.port !== number) problems.push(`Service ${service.name} has port '${name}' ${port ? `${port.port}, not ${number}` : "missing"}`);
    if (!port || !workload) continue;
    const target = port.targetPort ?? port.port;
    const open = containersOf(workload).flatMap((container) => container.ports ?? []);
    if (!open.some((one) => one.name === target || one.containerPort === target))
      problems.push(`Service ${service.name} sends port '${name}' to ${target}, which no container opens`);
  }
  return problems;
}

/** Secrets that pods need and the chart doesn't make must be promised by the contract, and the other way round. */
function checkSecrets(contract: ComponentContract, manifests: readonly Manifest[]): string[] {
  const made = new Set(manifests.filter((one) => one.kind === "Secret").map((one) => one.metadata.name));
  const read = manifests.flatMap(secretsReadBy);
  const promised = Object.entries(contract.secrets);
  return [
    ...promised.flatMap(([name, keys]) => {
      const reads = read.filter((one) => one.name === name);
      if (reads.length === 0) return [`no pod reads Secret ${name}`];
      const wanted = reads.flatMap((one) => (one.optional ? [] : (one.key ?? [])));
      return wanted.filter((key) => !keys.includes(key)).map((key) => `a pod reads key '${key}' of Secret ${name}, which has only ${keys.join(", ")}`);
    }),
    ...promised.filter(([name]) => made.has(name)).map(([name]) => `the chart makes Secret ${name}, which is ours`),
    ...read
      .filter((one) => !one.optional && !made.has(one.name) && !Object.hasOwn(contract.secrets, one.name))
      .map((one) => `a pod reads Secret ${one.name}, which nobody makes`),
  ];
}

function matches(labels: Readonly<Record<string, string>> | undefined, selector: Readonly<Record<string, string>>): boolean {
  return labels !== undefined && Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function sameEntries(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return matches(a, b) && matches(b, a);
}
