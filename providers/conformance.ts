import { strict as assert } from "node:assert";
import { containsUnknowns, equalValues, type PropertyMap, type PropertyValue, Secret, Unknown, unknown, unwrapSecrets } from "#core/property-value.ts";
import { makeUrn, parseUrn, type Urn } from "#core/urn.ts";
import { type CreateResponse, type DiffResponse, type Provider, ProviderError, type ProviderHost, type ProviderPackage } from "#providers/contract.ts";

/** One resource to try a provider with. */
export interface Sample {
  readonly type: string;
  /** What makes this sample special, for the names of its laws. @default "as usual" */
  readonly title?: string;
  readonly inputs: PropertyMap;
  /** Inputs that change the resource in place. */
  readonly updated?: PropertyMap;
  /** Inputs that need a new resource, and the keys because of which. */
  readonly replaced?: { readonly inputs: PropertyMap; readonly keys: readonly string[] };
  /** Inputs that `check` has to refuse, and a part of what it says. */
  readonly invalid?: readonly { readonly inputs: PropertyMap; readonly says: string }[];
  /** Outputs that are secret by their nature. */
  readonly secretOutputs?: readonly string[];
  /** The id by which an existing one is imported; absent for kinds that can't be. */
  readonly importId?: string;
}

/** A sentence that has to be true of every provider, and what proves it: rejects with an assertion error where it isn't. */
export interface Law {
  readonly name: string;
  readonly prove: () => Promise<void>;
}

/** What the contract promises of any provider, applied to samples of one package. The configuration holds the provider's own inputs. */
export function conformanceLaws(pkg: ProviderPackage, samples: readonly Sample[], configuration: PropertyMap = {}): Law[] {
  const about = (sample: Sample, sentence: string, prove: (session: Session) => Promise<void>): Law => ({
    name: `${parseType(sample.type)} (${sample.title ?? "as usual"}): ${sentence}`,
    prove: () => withSession(pkg, configuration, sample, prove),
  });
  return [
    ...packageLaws(pkg, configuration),
    ...samples.flatMap((sample) => [...lifeLaws(sample, about), ...changeLaws(sample, about), ...faultLaws(sample, about)]),
  ];
}

type About = (sample: Sample, sentence: string, prove: (session: Session) => Promise<void>) => Law;

function packageLaws(pkg: ProviderPackage, configuration: PropertyMap): Law[] {
  const anySample = { type: `${pkg.name}:index/noSuchKind:NoSuchKind`, inputs: {} };
  const refused = (error: unknown): boolean => error instanceof ProviderError && error.status === "unimplemented" && error.message.includes(anySample.type);
  return [
    { name: "the version is a plain semantic version", prove: async () => assert.match(pkg.version, /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/) },
    {
      name: "a kind that the package doesn't have is refused by name",
      prove: () => withSession(pkg, configuration, anySample, async (session) => assert.rejects(session.check({}), refused)),
    },
    {
      name: "a configuration without changes changes nothing",
      prove: () =>
        withSession(pkg, configuration, anySample, async ({ provider }) => {
          const request = { urn: providerUrn(pkg), type: `pulumi:providers:${pkg.name}`, name: "default", id: "id", ignoreChanges: [] };
          const diff = await provider.diffConfig({ ...request, oldInputs: configuration, oldOutputs: configuration, news: configuration });
          assert.equal(diff.changes, "none");
        }),
    },
    {
      name: "cancel and close can be called twice",
      prove: () =>
        withSession(pkg, configuration, anySample, async ({ provider }) => {
          await provider.cancel();
          await provider.cancel();
          await provider.close();
        }),
    },
  ];
}

function lifeLaws(sample: Sample, about: About): Law[] {
  return [
    about(sample, "check accepts the inputs and leaves their values alone", async (session) => {
      const { inputs, failures } = await session.check(sample.inputs);
      assert.deepEqual(failures, []);
      assertEqual(unwrapSecrets(inputs), unwrapSecrets(sample.inputs), "checked inputs");
    }),
    about(sample, "check of checked inputs changes nothing more", async (session) => {
      const once = await session.check(sample.inputs);
      const twice = await session.check(once.inputs, once.inputs);
      assertEqual(twice.inputs, once.inputs, "inputs checked twice");
      assert.deepEqual(twice.failures, []);
    }),
    about(sample, "create answers an id, and outputs that hold no unknown", async (session) => {
      const { id, outputs } = await session.created();
      assert.notEqual(id, "");
      assert.equal(containsUnknowns(outputs), false);
    }),
    about(sample, "read after create finds the same id, inputs and outputs", async (session) => {
      const { inputs, created } = await session.existing();
      const read = await session.read(created.id, inputs, created.outputs);
      assert.equal(read.id, created.id);
      assertEqual(read.outputs, created.outputs, "outputs read");
      assertEqual(unwrapSecrets(read.inputs ?? {}), unwrapSecrets(inputs), "inputs read");
    }),
    about(sample, "diff of unchanged inputs finds no change", async (session) => {
      const { inputs, created } = await session.existing();
      assertNoChange(await session.diff(created, inputs, inputs));
    }),
    about(sample, "diff doesn't mind whether the old outputs come with or without secrets", async (session) => {
      const { inputs, created } = await session.existing();
      assertNoChange(await session.diff({ ...created, outputs: unwrapSecrets(created.outputs) }, inputs, unwrapSecrets(inputs)));
    }),
    about(sample, "secret outputs stay secret, also after a read", async (session) => {
      const { inputs, created } = await session.existing();
      const read = await session.read(created.id, unwrapSecrets(inputs), unwrapSecrets(created.outputs));
      for (const key of sample.secretOutputs ?? [])
        for (const outputs of [created.outputs, read.outputs]) assert.ok(outputs[key] instanceof Secret, `${key} is in plain text`);
    }),
    about(sample, "delete can be repeated", async (session) => {
      const { inputs, created } = await session.existing();
      await session.delete(created, inputs);
      await session.delete(created, inputs);
    }),
    ...(sample.importId === undefined
      ? []
      : [
          about(sample, "import by id answers inputs that check accepts and that need no change", async (session) => {
            const found = await session.read(sample.importId ?? "", {}, {});
            assert.ok(found.id !== undefined && found.inputs !== undefined);
            const { inputs, failures } = await session.check(found.inputs);
            assert.deepEqual(failures, []);
            assertNoChange(await session.diff({ id: found.id, outputs: found.outputs }, inputs, inputs));
          }),
        ]),
  ];
}

function changeLaws(sample: Sample, about: About): Law[] {
  const { updated, replaced } = sample;
  const laws: Law[] = [
    about(sample, "a previewed create promises no output that create doesn't give", async (session) => {
      const { inputs } = await session.check(sample.inputs);
      const preview = await session.create(inputs, true);
      const created = await session.create(inputs);
      assert.ok(preview.id === "" || preview.id === created.id, `the preview promised the id ${preview.id}`);
      for (const [key, value] of Object.entries(unwrapSecrets(preview.outputs)))
        if (!containsUnknowns(value)) assertEqual(value, unwrapSecrets(created.outputs)[key], `previewed ${key}`);
    }),
    about(sample, "any input may be unknown in a preview", async (session) => {
      const { inputs, created } = await session.existing();
      for (const key of Object.keys(sample.inputs)) {
        const checked = await session.check({ ...sample.inputs, [key]: unknown }, inputs);
        assert.deepEqual(checked.failures, [], `check with ${key} unknown`);
        assert.ok(checked.inputs[key] instanceof Unknown, `check made something of the unknown ${key}`);
        await session.create(checked.inputs, true);
        const diff = await session.diff(created, inputs, checked.inputs);
        assert.notEqual(diff.changes, "none", `diff overlooks that ${key} is unknown`);
        if (diff.replaces.length === 0) await session.update(created, inputs, checked.inputs, true);
      }
    }),
  ];
  if (updated)
    laws.push(
      about(sample, "a change in place is found, previewed and made, and then there is none left", async (session) => {
        const { inputs, created } = await session.existing();
        const { inputs: news } = await session.check(updated, inputs);
        const diff = await session.diff(created, inputs, news);
        assert.equal(diff.changes, "some");
        assert.deepEqual(diff.replaces, []);
        await session.update(created, inputs, news, true);
        const { outputs } = await session.update(created, inputs, news);
        assert.equal(containsUnknowns(outputs), false);
        assertNoChange(await session.diff({ id: created.id, outputs }, news, news));
      }),
    );
  if (replaced)
    laws.push(
      about(sample, "a change that needs a new resource names the keys that need it", async (session) => {
        const { inputs, created } = await session.existing();
        const { inputs: news } = await session.check(replaced.inputs, inputs);
        const diff = await session.diff(created, inputs, news);
        assert.equal(diff.changes, "some");
        assert.deepEqual([...diff.replaces].sort(), [...replaced.keys].sort());
        for (const key of replaced.keys) assert.ok(diff.diffs.includes(key), `${key} isn't among the changed keys`);
        const successor = await session.create(news);
        assertNoChange(await session.diff(successor, news, news));
      }),
    );
  return laws;
}

function faultLaws(sample: Sample, about: About): Law[] {
  return (sample.invalid ?? []).map(({ inputs, says }) =>
    about(sample, `check refuses what isn't valid: ${says}`, async (session) => {
      const { failures } = await session.check(inputs);
      assert.ok(
        failures.some(({ reason }) => reason.includes(says)),
        `the failures are ${JSON.stringify(failures)}`,
      );
    }),
  );
}

function assertNoChange(diff: DiffResponse): void {
  assert.deepEqual({ changes: diff.changes, replaces: diff.replaces, diffs: diff.diffs }, { changes: "none", replaces: [], diffs: [] });
}

function assertEqual(actual: PropertyValue | undefined, expected: PropertyValue | undefined, what: string): void {
  if (!equalValues(actual, expected)) assert.deepEqual(actual, expected, what);
}

/** A configured provider with the urn of one sample, so that the laws name only what matters to them. */
class Session {
  readonly provider: Provider;
  readonly #target: { readonly urn: Urn; readonly type: string; readonly name: string };
  readonly #sample: Sample;

  constructor(provider: Provider, sample: Sample) {
    this.provider = provider;
    this.#sample = sample;
    this.#target = { urn: makeUrn("stack", "project", undefined, sample.type, "sample"), type: sample.type, name: "sample" };
  }

  check(news: PropertyMap, olds?: PropertyMap): ReturnType<Provider["check"]> {
    return this.provider.check({ ...this.#target, olds, news, randomSeed: new Uint8Array(32) });
  }

  create(inputs: PropertyMap, preview = false): ReturnType<Provider["create"]> {
    return this.provider.create({ ...this.#target, inputs, timeout: 0, preview });
  }

  diff(old: CreateResponse, oldInputs: PropertyMap, news: PropertyMap): ReturnType<Provider["diff"]> {
    return this.provider.diff({ ...this.#target, id: old.id, oldInputs, oldOutputs: old.outputs, news, ignoreChanges: [] });
  }

  update(old: CreateResponse, oldInputs: PropertyMap, news: PropertyMap, preview = false): ReturnType<Provider["update"]> {
    return this.provider.update({ ...this.#target, id: old.id, oldInputs, oldOutputs: old.outputs, news, ignoreChanges: [], timeout: 0, preview });
  }

  read(id: string, inputs: PropertyMap, outputs: PropertyMap): ReturnType<Provider["read"]> {
    return this.provider.read({ ...this.#target, id, inputs, outputs, timeout: 0 });
  }

  delete(old: CreateResponse, oldInputs: PropertyMap): Promise<void> {
    return this.provider.delete({ ...this.#target, id: old.id, oldInputs, oldOutputs: old.outputs, timeout: 0 });
  }

  async created(): Promise<CreateResponse> {
    return (await this.existing()).created;
  }

  async existing(): Promise<{ readonly inputs: PropertyMap; readonly created: CreateResponse }> {
    const { inputs, failures } = await this.check(this.#sample.inputs);
    assert.deepEqual(failures, []);
    return { inputs, created: await this.create(inputs) };
  }
}

async function withSession(pkg: ProviderPackage, configuration: PropertyMap, sample: Sample, use: (session: Session) => Promise<void>): Promise<void> {
  const host: ProviderHost = { log: () => {}, whileWaiting: async (work) => await work() };
  const provider = pkg.open(host);
  try {
    const urn = providerUrn(pkg);
    const request = { urn, type: parseUrn(urn).type, name: "default", olds: undefined, news: configuration, randomSeed: new Uint8Array(32) };
    const { inputs, failures } = await provider.checkConfig(request);
    assert.deepEqual(failures, []);
    await provider.configure({ urn, id: "id", inputs });
    await use(new Session(provider, sample));
  } finally {
    await provider.close();
  }
}

function providerUrn(pkg: ProviderPackage): Urn {
  return makeUrn("stack", "project", undefined, `pulumi:providers:${pkg.name}`, "default");
}

function parseType(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}
