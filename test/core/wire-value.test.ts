import { describe, expect, test } from "vitest";
import {
  Archive,
  Asset,
  containsSecrets,
  containsUnknowns,
  equalValues,
  isPropertyMap,
  OutputValue,
  type PropertyValue,
  ResourceReference,
  Secret,
  unknown,
  unwrapSecrets,
} from "#core/property-value.ts";
import { fromWire, type Json, mapFromWire, signatureKey, signatures, toWire, unknownString } from "#core/wire-value.ts";

const values: [string, PropertyValue][] = [
  ["plain JSON", { a: null, b: true, c: 1.5, d: "text", e: [1, "two", null], f: { g: {} } }],
  ["a nested secret", { outer: new Secret({ inner: new Secret("x") }) }],
  ["an unknown", { a: unknown, list: [unknown] }],
  ["a reference to a custom resource", new ResourceReference("urn:pulumi:s::p::t::n", "id-1", "1.2.3")],
  ["a reference to a component", new ResourceReference("urn:pulumi:s::p::t::n", undefined)],
  ["a reference whose id isn't known", new ResourceReference("urn:pulumi:s::p::t::n", unknown)],
  ["an asset", new Asset("text", "content", "abc")],
  ["an empty asset", new Asset("text", "")],
  ["an archive of assets and archives", new Archive("assets", { file: new Asset("path", "a.txt"), more: new Archive("path", "b.zip", "h") })],
  ["a key that JavaScript treats specially", mapFromWire(JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') as Record<string, Json>)],
];

test.each(values)("%s survives being sent and received", (_what, value) => {
  const received = fromWire(toWire(value) as Json);
  expect(equalValues(received, value)).toBe(true);
  expect(received).toEqual(value);
});

describe("what a receiver doesn't understand is sent in the form it does", () => {
  test("secrets in plain", () => expect(toWire({ a: new Secret(["x"]) }, { secrets: false })).toEqual({ a: ["x"] }));
  test("unknown entries left out", () => expect(toWire({ a: unknown, b: 1 }, { unknowns: false })).toEqual({ b: 1 }));
  test("references as their id, or URN where they have none", () => {
    expect(toWire(new ResourceReference("urn", "id"), { resources: false })).toBe("id");
    expect(toWire(new ResourceReference("urn", undefined), { resources: false })).toBe("urn");
    expect(toWire(new ResourceReference("urn", unknown), { resources: false })).toBe(unknownString);
  });
  test("output values as what they hold", () => {
    expect(toWire(new OutputValue("x", true, ["urn"]))).toEqual({ [signatureKey]: signatures.secret, value: "x" });
    expect(toWire(new OutputValue(undefined, false, []))).toBe(unknownString);
    expect(toWire(new OutputValue("x", false, ["urn"]), { outputs: true })).toEqual({
      [signatureKey]: signatures.outputValue,
      value: "x",
      dependencies: ["urn"],
    });
  });
});

test("all seven strings that mean unknown are understood", () => {
  const strings = [
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
  ];
  expect(strings.map(fromWire)).toEqual(strings.map(() => unknown));
});

test("a number that JSON can't hold is read from its bits", () => {
  expect(fromWire({ [signatureKey]: signatures.nonFiniteNumber, value: "7ff0000000000000" })).toBe(Number.POSITIVE_INFINITY);
});

test("a signature that nobody knows is refused by name", () => {
  expect(() => fromWire({ [signatureKey]: "made up" })).toThrow("unrecognized signature 'made up'");
});

test("secrets and unknowns are found however deep they are, and unwrapped", () => {
  const value = { a: [{ b: new Secret({ c: unknown }) }] };
  expect([containsSecrets(value), containsUnknowns(value)]).toEqual([true, true]);
  expect([containsSecrets({ a: 1 }), containsUnknowns({ a: 1 })]).toEqual([false, false]);
  expect(unwrapSecrets(value)).toEqual({ a: [{ b: { c: unknown } }] });
});

test("assets are equal when their hashes are, whatever they came from", () => {
  expect(equalValues(new Asset("path", "a", "h"), new Asset("text", "b", "h"))).toBe(true);
  expect(equalValues(new Asset("path", "a"), new Asset("path", "b"))).toBe(false);
});

test("only plain objects count as property maps", () => {
  expect([{}, Object.create(null) as object].map((v) => isPropertyMap(v as PropertyValue))).toEqual([true, true]);
  expect([[], null, "x", new Secret(1), unknown, new Asset("text", "")].map((v) => isPropertyMap(v))).toEqual([false, false, false, false, false, false]);
});
