import { readFileSync } from "node:fs";
import { compare } from "bcryptjs";
import { beforeEach, expect, test } from "vitest";
import { type PropertyMap, Secret, unknown, unwrapSecrets } from "#core/property-value.ts";
import { makeUrn, type Urn } from "#core/urn.ts";
import type { Provider, ProviderHost } from "#providers/contract.ts";
import { randomPackage } from "#providers/random/package.ts";

let provider: Provider;
let logged: { severity: string; message: string; urn: Urn | undefined }[];

beforeEach(() => {
  logged = [];
  const host: ProviderHost = {
    log: (severity, message, options) => void logged.push({ severity, message, urn: options?.urn }),
    whileWaiting: async (work) => await work(),
  };
  provider = randomPackage({ now: () => new Date("2022-02-22T19:22:22Z") }).open(host);
});

function target(kind: string, name = "it"): { urn: Urn; type: string; name: string } {
  const type = `random:index/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`;
  return { type, name, urn: makeUrn("dev", "project", undefined, type, name) };
}

async function create(kind: string, inputs: PropertyMap, preview = false) {
  return provider.create({ ...target(kind), inputs, timeout: 0, preview });
}

async function plain(kind: string, inputs: PropertyMap): Promise<PropertyMap> {
  return unwrapSecrets((await create(kind, inputs)).outputs);
}

async function failures(kind: string, news: PropertyMap, name = "it"): Promise<string[]> {
  const response = await provider.check({ ...target(kind, name), olds: undefined, news, randomSeed: new Uint8Array(32) });
  return response.failures.map(({ property, reason }) => `${property}${reason}`);
}

async function diff(kind: string, oldOutputs: PropertyMap, news: PropertyMap, id = "id") {
  return provider.diff({ ...target(kind), id, oldInputs: {}, oldOutputs, news, ignoreChanges: [] });
}

async function importOf(kind: string, id: string) {
  return provider.read({ ...target(kind), id, inputs: {}, outputs: {}, timeout: 0 });
}

test("the package has name and version of the SDK", () => {
  expect(randomPackage()).toMatchObject({ name: "random", version: "4.21.1" });
});

test("the outputs have the keys, secrets and layout versions that the genuine provider recorded", async () => {
  const seen = new Set<string>();
  for (const file of ["random-lifecycle", "resource-options", "failures", "state-edit", "aliases-and-transforms"]) {
    const steps = JSON.parse(readFileSync(`test/golden/genuine/${file}.json`, "utf8")) as { state?: { resources: Record<string, PropertyMap & string>[] } }[];
    for (const resource of steps.flatMap((step) => step.state?.resources ?? [])) {
      const { type = "", inputs = {} as PropertyMap, outputs = {} as PropertyMap } = resource;
      const kind = /^random:index\/\w+:(\w+)$/.exec(type)?.[1];
      if (!kind || JSON.stringify(inputs).includes("<")) continue;
      const made = (await create(kind, inputs)).outputs;
      expect(Object.keys(made).sort(), resource["urn"]).toEqual(Object.keys(outputs).sort());
      expect(made["__meta"]).toEqual(outputs["__meta"]);
      for (const [key, value] of Object.entries(outputs)) {
        const recordedSecret = typeof value === "object" && value !== null && "plaintext" in value;
        if (kind !== "RandomString") expect(made[key] instanceof Secret, `${kind} ${key}`).toBe(recordedSecret);
      }
      seen.add(kind);
    }
  }
  expect([...seen].sort()).toEqual(["RandomId", "RandomInteger", "RandomPassword", "RandomPet", "RandomShuffle", "RandomString", "RandomUuid"]);
});

test("the four forms of an id agree, carry the prefix, and keep leading zero bytes", async () => {
  const found = (await importOf("RandomId", "pre,fix-,AAAB_w")).outputs;
  expect(found).toEqual({
    byteLength: 4,
    prefix: "pre,fix-",
    id: "AAAB_w",
    b64Url: "pre,fix-AAAB_w",
    b64Std: "pre,fix-AAAB/w==",
    hex: "pre,fix-000001ff",
    dec: "pre,fix-511",
  });

  const made = await plain("RandomId", { byteLength: 3, prefix: "p" });
  expect(made["b64Url"]).toBe(`p${made["id"]}`);
  expect(Buffer.from(String(made["id"]), "base64url").toString("hex")).toBe(String(made["hex"]).slice(1));
});

test("the minimums of all classes hold, also of a class that is switched off", async () => {
  for (let i = 0; i < 200; i++) {
    const { result } = await plain("RandomString", { length: 9, upper: false, minUpper: 2, minNumeric: 2, minSpecial: 2, overrideSpecial: "é" });
    const text = String(result);
    expect([...text]).toHaveLength(9);
    expect(text.match(/[A-Z]/g)).toHaveLength(2);
    expect(text.match(/[0-9]/g)?.length).toBeGreaterThanOrEqual(2);
    expect(text.match(/é/g)?.length).toBeGreaterThanOrEqual(2);
  }
});

test("the places of the minimums are random", async () => {
  const places = new Set<number>();
  for (let i = 0; i < 200; i++)
    places.add(String((await plain("RandomString", { length: 4, special: false, upper: false, numeric: false, minNumeric: 1 }))["result"]).search(/\d/));
  expect([...places].sort()).toEqual([0, 1, 2, 3]);
});

test("a password's hash is Go's kind of bcrypt and counts its first 72 bytes", async () => {
  const outputs = await plain("RandomPassword", { length: 80 });
  expect(outputs["bcryptHash"]).toMatch(/^\$2a\$10\$/);
  await expect(compare(String(outputs["result"]).slice(0, 72), String(outputs["bcryptHash"]))).resolves.toBe(true);
  await expect(compare(String(outputs["result"]).slice(0, 71), String(outputs["bcryptHash"]))).resolves.toBe(false);
});

test("number and numeric follow each other", async () => {
  expect(await plain("RandomString", { length: 8, number: false })).toMatchObject({ number: false, numeric: false });
  expect(await plain("RandomString", { length: 8, numeric: false })).toMatchObject({ number: false, numeric: false });
  await expect(create("RandomString", { length: 8, numeric: false, number: true })).rejects.toThrow(
    "Number and numeric are both configured with different values",
  );
});

test("a deprecated input is warned about when it has a value", async () => {
  expect(await failures("RandomString", { length: 8, number: false })).toEqual([]);
  const message = '[WARNING] property "number" is deprecated: **NOTE**: This is deprecated, use `numeric` instead.';
  expect(logged).toEqual([{ severity: "warning", message, urn: target("RandomString").urn }]);
  await failures("RandomString", { length: 8, number: unknown });
  expect(logged).toHaveLength(1);
});

test("an empty character set is an error of create, shown beside the resource too", async () => {
  const attempt = create("RandomString", { length: 4, upper: false, lower: false, special: false, numeric: false });
  await expect(attempt).rejects.toThrow(/^Random Read Error: While attempting .*Original Error: the character set specified is empty$/s);
  expect(logged).toEqual([{ severity: "error", message: expect.stringMatching(/^\[ERROR\] While .*: Random Read Error$/s), urn: target("RandomString").urn }]);
});

test("check says what is wrong in the genuine words", async () => {
  expect(await failures("RandomString", { length: 4, minNumeric: 9 }, "bad")).toEqual([
    "Invalid Attribute Value. Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special, got: 4. Examine values at 'bad.length'.",
  ]);
  expect(await failures("RandomPassword", {})).toEqual([
    "Missing required property 'length': The length of the string desired. The minimum value for length is 1 and, length must also be >= (`min_upper` + `min_lower` + `min_numeric` + `min_special`).",
  ]);
  expect(await failures("RandomString", { length: 4, upper: false, lower: false, special: false, numeric: false })).toEqual([
    "Invalid Attribute Combination. At least one attribute out of [special,upper,lower,numeric] must be specified as true. Examine values at 'it.numeric'.",
  ]);
  expect(await failures("RandomId", { byteLength: 1.5 })).toEqual([
    "Int64 Type Validation Error. Value 1.5 is not an integer.. Examine values at 'it.byteLength'.",
  ]);
  await expect(failures("RandomId", { byteLength: "many" })).rejects.toThrow(
    'cannot encode resource inputs to call ValidateResourceConfig: objectEncoder failed on property "byte_length": Expected a Number, got string',
  );
  await expect(failures("RandomShuffle", { inputs: ["a", ["b"]] })).rejects.toThrow('failed on property "input": encList failed while encoding element 1');
});

test("texts stand for numbers, and numbers and booleans for texts, as in the genuine provider", async () => {
  expect(await plain("RandomPet", { length: "1", separator: 7, keepers: { on: true, size: 1.5, big: 1e21 } })).toMatchObject({
    length: 1,
    separator: "7",
    keepers: { on: "true", size: "1.5", big: "1000000000000000000000" },
  });
});

test("unknown minimums leave the length unjudged", async () => {
  expect(await failures("RandomString", { length: 4, minNumeric: unknown, minUpper: 9 })).toEqual([]);
});

test("a seed gives the integer and the order that the genuine provider draws from it", async () => {
  // Drawn with Go 1.26 after a fresh seed: Intn(100) is 29; Perm(3) is [1 2 0], then [2 1 0].
  expect(await plain("RandomInteger", { min: 1, max: 100, seed: "strata" })).toEqual({ min: 1, max: 100, seed: "strata", result: 30, id: "30" });
  expect((await plain("RandomShuffle", { inputs: ["a", "b", "c"], seed: "x", resultCount: 5 }))["results"]).toEqual(["b", "c", "a", "c", "b"]);
});

test("integers include both ends of the range and need them in order", async () => {
  const drawn = new Set<unknown>();
  for (let i = 0; i < 200; i++) drawn.add((await plain("RandomInteger", { min: -1, max: 1 }))["result"]);
  expect([...drawn].sort()).toEqual([-1, 0, 1]);
  await expect(create("RandomInteger", { min: 2, max: 1 })).rejects.toThrow(
    "Create Random Integer Error: The minimum (minVal) value needs to be smaller than or equal to maximum (maxVal) value.",
  );
});

test("a shuffle repeats whole permutations until the count is reached", async () => {
  const { results } = await plain("RandomShuffle", { inputs: ["a", "b", "c"], resultCount: 8 });
  const list = results as string[];
  expect(list).toHaveLength(8);
  expect(list.slice(0, 3).sort()).toEqual(["a", "b", "c"]);
  expect(list.slice(3, 6).sort()).toEqual(["a", "b", "c"]);
  expect((await plain("RandomShuffle", { inputs: ["a"], resultCount: 0 }))["results"]).toEqual([]);
  expect((await plain("RandomShuffle", { inputs: [], resultCount: 3 }))["results"]).toEqual([]);
});

test("a pet name has the wanted words, and an empty prefix counts as none", async () => {
  expect((await create("RandomPet", { length: 4, separator: "|", prefix: "My" })).id).toMatch(/^My\|[a-z]+\|[a-z]+\|[a-z]+\|[a-z]+$/);
  expect((await create("RandomPet", { length: 1 })).id).toMatch(/^[a-z]+$/);
  expect(await plain("RandomPet", { prefix: "" })).not.toHaveProperty("prefix");
});

test("uuids have the version that their kind promises, and version 7 the time (the example of RFC 9562)", async () => {
  expect((await create("RandomUuid4", {})).id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect((await create("RandomUuid7", {})).id).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("keepers: a key without a value changes nothing, any other difference replaces", async () => {
  const { outputs } = await create("RandomPet", { keepers: { a: "1" } });
  expect(await diff("RandomPet", outputs, { keepers: { a: "1", b: null } })).toMatchObject({ changes: "some", replaces: [] });
  expect(await diff("RandomPet", outputs, { keepers: { a: "2" } })).toMatchObject({ changes: "some", replaces: ["keepers"], diffs: ["keepers"] });
  expect(await diff("RandomPet", outputs, {})).toMatchObject({ replaces: ["keepers"] });
  expect(await diff("RandomPet", outputs, { keepers: { a: unknown } })).toMatchObject({ replaces: ["keepers"] });
});

test("a preview knows inputs and defaults, and nothing that is drawn", async () => {
  expect((await create("RandomPassword", { length: 8, overrideSpecial: unknown }, true)).outputs).toEqual({
    length: 8,
    special: true,
    upper: true,
    lower: true,
    number: true,
    numeric: true,
    minNumeric: 0,
    minUpper: 0,
    minLower: 0,
    minSpecial: 0,
    overrideSpecial: unknown,
    result: unknown,
    bcryptHash: unknown,
    id: unknown,
  });
});

test("an imported resource has the inputs that describe it", async () => {
  expect(await importOf("RandomInteger", "7,1,100")).toEqual({ id: "7", inputs: { min: 1, max: 100 }, outputs: { id: "7", min: 1, max: 100, result: 7 } });
  expect((await importOf("RandomString", "aé")).inputs).toEqual({ length: 3, special: true, upper: true, lower: true, number: true, numeric: true });
  expect((await importOf("RandomPassword", "geheim")).id).toBe("none");
  expect((await importOf("RandomBytes", "AAE=")).outputs).toEqual({ length: 2, base64: new Secret("AAE="), hex: new Secret("0001") });
});

test.each([
  ["RandomInteger", "7,1", "Import Random Integer Error: Invalid import usage: expecting {result},{min},{max} or {result},{min},{max},{seed}"],
  ["RandomInteger", "x,1,2", 'strconv.ParseInt: parsing "x": invalid syntax'],
  ["RandomInteger", "9223372036854775808,1,2", "value out of range"],
  ["RandomId", "a,b+c", "illegal base64 data at input byte 1"],
  ["RandomBytes", "AAE", "illegal base64 data at input byte"],
  ["RandomUuid", "abc", "uuid string is wrong length"],
  ["RandomUuid", "7c4f897aXca9c-a3ac-36d2-ba6e7e3ca404", "uuid is improperly formatted"],
  ["RandomUuid7", "7c4f897a", "invalid UUID length: 8"],
  ["RandomPet", "brave-cat", "Resource Import Not Implemented: This resource does not support import."],
  ["RandomShuffle", "-", "Resource Import Not Implemented"],
])("import of %s '%s' is refused with a reason", async (kind, id, reason) => {
  await expect(importOf(kind, id)).rejects.toThrow(reason);
});

test("a state of an older layout gets the values that it lacks", async () => {
  const old = { id: "none", result: "abc", number: false, __meta: '{"schema_version":"1"}' };
  const read = await provider.read({ ...target("RandomPassword"), id: "none", inputs: { length: 3 }, outputs: old, timeout: 0 });
  const outputs = unwrapSecrets(read.outputs);
  expect(outputs).toMatchObject({ length: 3, number: false, numeric: false, special: true, minUpper: 0, __meta: '{"schema_version":"3"}' });
  await expect(compare("abc", String(outputs["bcryptHash"]))).resolves.toBe(true);
});

test("a state of a newer layout is refused", async () => {
  await expect(diff("RandomString", { id: "a", result: "a", __meta: '{"schema_version":"9"}' }, { length: 1 })).rejects.toThrow(
    "cannot be downgraded from resource schema version 9 to 2",
  );
});

test("a read keeps the genuine bridge's delta, its values secret; a changed state drops it", async () => {
  const delta = (keepers: PropertyMap | Secret): PropertyMap => ({ obj: { ps: { keepers, result: { map: {} } } } });
  const { outputs } = await create("RandomUuid", {});
  const withDelta = { ...outputs, __pulumi_raw_state_delta: delta({ replace: { raw: null } }) };
  const request = { ...target("RandomUuid"), id: "x", timeout: 0 };
  expect((await provider.read({ ...request, inputs: {}, outputs: withDelta })).outputs).toEqual({
    ...outputs,
    __pulumi_raw_state_delta: delta(new Secret({ replace: { raw: null } })),
  });
  const updated = await provider.update({
    ...request,
    oldInputs: {},
    oldOutputs: withDelta,
    news: { keepers: { a: null } },
    ignoreChanges: [],
    preview: false,
  });
  expect(updated.outputs).toEqual({ ...outputs, keepers: { a: null } });
});

test("the provider takes no configuration", async () => {
  const check = async (name: string, news: PropertyMap) =>
    (
      await provider.checkConfig({
        urn: makeUrn("dev", "p", undefined, "pulumi:providers:random", name),
        type: "pulumi:providers:random",
        name,
        olds: undefined,
        news,
        randomSeed: new Uint8Array(),
      })
    ).failures;
  expect(await check("default_4_21_1", { version: "4.21.1" })).toEqual([]);
  expect((await check("default", { region: "x" }))[0]?.reason).toContain("`random:region` is not a valid configuration key for the random provider.");
  expect((await check("mine", { region: "x" }))[0]?.reason).toBe(
    "could not validate provider configuration: Invalid or unknown key. Examine values at 'mine.region'.",
  );
});
