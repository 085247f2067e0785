import type { PropertyMap } from "#core/property-value.ts";
import { makeUrn, type Urn } from "#core/urn.ts";
import type { CreateResponse, DiffResponse, Provider, ReadResponse } from "#providers/contract.ts";
import { kubernetesPackage } from "#providers/kubernetes/package.ts";

export interface Managed {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

export interface Message {
  readonly severity: string;
  readonly text: string;
  readonly ephemeral: boolean;
}

/** A configured kubernetes provider, driven as the engine drives one. */
export class KubernetesSession {
  readonly provider: Provider;
  readonly messages: Message[] = [];

  private constructor(environment: Record<string, string>, workingFolder?: string) {
    this.provider = kubernetesPackage({ environment, helm: environment.HELM ?? "helm", kubectl: environment.KUBECTL ?? "kubectl" }).open({
      log: (severity, text, options) => this.messages.push({ severity, text, ephemeral: options?.ephemeral ?? false }),
      whileWaiting: async (work) => await work(),
      ...(workingFolder === undefined ? {} : { workingFolder }),
    });
  }

  static async open(config: PropertyMap, environment: Record<string, string> = {}, workingFolder?: string): Promise<KubernetesSession> {
    const session = new KubernetesSession(environment, workingFolder);
    await session.provider.configure({ urn: urnOf("pulumi:providers:kubernetes", "cluster"), id: "provider", inputs: config });
    return session;
  }

  /** The inputs as they would be kept. */
  async check(type: string, name: string, news: PropertyMap, olds?: PropertyMap): Promise<PropertyMap> {
    const { inputs, failures } = await this.provider.check({ urn: urnOf(type, name), type, name, olds, news, randomSeed: new Uint8Array(32) });
    if (failures.length) throw new Error(failures.map(({ reason }) => reason).join("; "));
    return inputs;
  }

  async create(type: string, name: string, news: PropertyMap, more: { preview?: boolean; timeout?: number } = {}): Promise<Managed> {
    const inputs = await this.check(type, name, news);
    const { id, outputs }: CreateResponse = await this.provider.create({ urn: urnOf(type, name), type, name, inputs, timeout: 0, preview: false, ...more });
    return { type, name, id, inputs, outputs };
  }

  async diff(old: Managed, news: PropertyMap, ignoreChanges: readonly string[] = []): Promise<DiffResponse> {
    const { type, name, id, inputs: oldInputs, outputs: oldOutputs } = old;
    const checked = await this.check(type, name, news, oldInputs);
    return this.provider.diff({ urn: urnOf(type, name), type, name, id, oldInputs, oldOutputs, news: checked, ignoreChanges });
  }

  async update(old: Managed, news: PropertyMap, ignoreChanges: readonly string[] = []): Promise<Managed> {
    const { type, name, id, inputs: oldInputs, outputs: oldOutputs } = old;
    const inputs = await this.check(type, name, news, oldInputs);
    const request = { urn: urnOf(type, name), type, name, id, oldInputs, oldOutputs, news: inputs, ignoreChanges, timeout: 0, preview: false };
    const { outputs } = await this.provider.update(request);
    return { ...old, inputs, outputs };
  }

  read({ type, name, id, inputs, outputs }: Managed): Promise<ReadResponse> {
    return this.provider.read({ urn: urnOf(type, name), type, name, id, inputs, outputs, timeout: 0 });
  }

  delete({ type, name, id, inputs, outputs }: Managed, timeout = 0): Promise<void> {
    return this.provider.delete({ urn: urnOf(type, name), type, name, id, oldInputs: inputs, oldOutputs: outputs, timeout });
  }

  close(): Promise<void> {
    return this.provider.close();
  }
}

export function urnOf(type: string, name: string): Urn {
  return makeUrn("dev", "test", undefined, type, name);
}
