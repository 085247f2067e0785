import { expect, test } from "vitest";
import { mapEntries, unknown, unwrapSecrets } from "#core/property-value.ts";
import { conformanceLaws, type Sample } from "#providers/conformance.ts";
import type { Provider, ProviderPackage } from "#providers/contract.ts";
import { randomPackage } from "#providers/random/package.ts";

const sample: Sample = {
  type: "random:index/randomBytes:RandomBytes",
  inputs: { length: 4 },
  replaced: { inputs: { length: 5 }, keys: ["length"] },
  secretOutputs: ["hex"],
  importId: "AAAA",
  invalid: [{ inputs: { length: 0 }, says: "at least 1" }],
};

/** The random package, but for the methods that are given. */
function spoilt(spoil: (genuine: Provider) => Partial<Provider>): ProviderPackage {
  const pkg = randomPackage();
  return {
    ...pkg,
    open(host) {
      const genuine = pkg.open(host);
      const spoilers = spoil(genuine);
      return new Proxy(genuine, {
        get(target, name: keyof Provider) {
          const method = spoilers[name] ?? target[name];
          return typeof method === "function" ? method.bind(target) : method;
        },
      });
    },
  };
}

/** The sentences of the laws that a package breaks. */
async function broken(pkg: ProviderPackage): Promise<string[]> {
  const names: string[] = [];
  for (const law of conformanceLaws(pkg, [sample])) await law.prove().catch(() => names.push(law.name.replace(/^.*?: /, "")));
  return names;
}

test("a sound package breaks no law", async () => {
  expect(await broken(randomPackage())).toEqual([]);
});

test.each<[string, (genuine: Provider) => Partial<Provider>, string]>([
  [
    "sees changes where there are none",
    (genuine) => ({ diff: async (r) => ({ ...(await genuine.diff(r)), changes: "some" }) }),
    "diff of unchanged inputs finds no change",
  ],
  [
    "overlooks changes",
    () => ({ diff: async () => ({ changes: "none", replaces: [], diffs: [], deleteBeforeReplace: false }) }),
    "a change that needs a new resource names the keys that need it",
  ],
  [
    "makes unknown inputs known",
    (genuine) => ({ check: async (r) => ({ ...(await genuine.check(r)), inputs: mapEntries(r.news, (v) => (v === unknown ? 1 : v)) }) }),
    "any input may be unknown in a preview",
  ],
  [
    "adds inputs at each check",
    (genuine) => ({ check: async (r) => ({ ...(await genuine.check(r)), inputs: { ...r.news, added: Object.keys(r.news).length } }) }),
    "check accepts the inputs and leaves their values alone",
  ],
  ["refuses nothing", (genuine) => ({ check: async (r) => ({ ...(await genuine.check(r)), failures: [] }) }), "check refuses what isn't valid: at least 1"],
  [
    "creates without an id",
    (genuine) => ({ create: async (r) => ({ ...(await genuine.create(r)), id: "" }) }),
    "create answers an id, and outputs that hold no unknown",
  ],
  [
    "forgets secrets when it reads",
    (genuine) => ({ read: async (r) => ({ ...(await genuine.read(r)), outputs: unwrapSecrets((await genuine.read(r)).outputs) }) }),
    "secret outputs stay secret, also after a read",
  ],
  [
    "promises in a preview what it doesn't keep",
    (genuine) => ({ create: async (r) => ({ ...(await genuine.create({ ...r, preview: false })) }) }),
    "a previewed create promises no output that create doesn't give",
  ],
  ["fails to delete twice", () => ({ delete: twiceFails() }), "delete can be repeated"],
  [
    "takes any kind",
    (genuine) => ({ check: async (r) => (r.type.includes("noSuchKind") ? { inputs: r.news, failures: [] } : genuine.check(r)) }),
    "the package doesn't have is refused by name",
  ],
])("a package that %s is caught", async (_, spoil, law) => {
  expect((await broken(spoilt(spoil))).some((name) => name.includes(law))).toBe(true);
});

function twiceFails(): Provider["delete"] {
  const deleted = new Set<string>();
  return async ({ id }) => {
    if (deleted.has(id)) throw new Error("there is nothing to delete");
    deleted.add(id);
  };
}
