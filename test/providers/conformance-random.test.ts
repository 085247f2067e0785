import { test, vi } from "vitest";
import type { PropertyMap } from "#core/property-value.ts";
import { conformanceLaws, type Sample } from "#providers/conformance.ts";
import { randomPackage } from "#providers/random/package.ts";

// The laws are about any hash; what a real one costs and looks like is in the tests of the resource.
vi.mock(import("bcryptjs"), async (original) => {
  const real = await original();
  return { ...real, hash: (text: string) => real.hash(text, 4) };
});

const keepers = { a: "1", b: "2" };
const otherKeepers = { a: "1", b: "3" };

function sample(name: string, inputs: PropertyMap, more: Omit<Sample, "type" | "inputs"> = {}): Sample {
  const type = `random:index/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`;
  return { type, inputs, replaced: { inputs: { ...inputs, keepers: otherKeepers }, keys: ["keepers"] }, ...more };
}

const samples: Sample[] = [
  sample(
    "RandomBytes",
    { length: 16, keepers },
    { secretOutputs: ["base64", "hex"], importId: "fE+Jesqco6w20rpufjykBA==", invalid: [{ inputs: { length: 0 }, says: "value must be at least 1, got: 0" }] },
  ),
  sample(
    "RandomId",
    { byteLength: 8, prefix: "p-", keepers },
    { importId: "p-,AAECAwQFBgc", invalid: [{ inputs: {}, says: "Missing required property 'byteLength'" }] },
  ),
  sample("RandomInteger", { min: -5, max: 5, keepers }, { importId: "3,1,7,seed" }),
  sample(
    "RandomPassword",
    { length: 20, minUpper: 2, keepers },
    { secretOutputs: ["result", "bcryptHash"], importId: "a secret text", invalid: [{ inputs: { length: 0 }, says: "value must be at least 1" }] },
  ),
  sample("RandomPassword", { length: 8 }, { title: "nothing but a length", replaced: { inputs: { length: 9 }, keys: ["length"] }, secretOutputs: ["result"] }),
  sample("RandomPet", { length: 3, separator: "_", prefix: "x", keepers }),
  sample("RandomPet", {}, { title: "no inputs", replaced: { inputs: { separator: "." }, keys: ["separator"] } }),
  sample(
    "RandomShuffle",
    { inputs: ["a", "b", "c"], resultCount: 7, seed: "s", keepers },
    { invalid: [{ inputs: {}, says: "Missing required property 'inputs': The list of strings to shuffle." }] },
  ),
  sample(
    "RandomString",
    { length: 12, special: false, keepers },
    { importId: "abcDEF123", invalid: [{ inputs: { length: 4, minLower: 5 }, says: "at least sum of" }] },
  ),
  sample(
    "RandomString",
    { length: 4, overrideSpecial: "" },
    {
      title: "an empty list of special characters",
      updated: { length: 4 },
      replaced: { inputs: { length: 4, overrideSpecial: "-" }, keys: ["overrideSpecial"] },
    },
  ),
  sample("RandomUuid", { keepers }, { importId: "7C4F897A-CA9C-A3AC-36D2-BA6E7E3CA404" }),
  sample("RandomUuid4", { keepers }, { importId: "{7c4f897a-ca9c-43ac-b6d2-ba6e7e3ca404}" }),
  sample("RandomUuid7", { keepers }, { importId: "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f" }),
];

for (const law of conformanceLaws(randomPackage(), samples)) test(law.name, law.prove);
