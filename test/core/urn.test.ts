import { expect, test } from "vitest";
import { isUrn, makeUrn, parseUrn, type Urn } from "#core/urn.ts";

test("a child's qualified type names its ancestors, and the root stack contributes nothing", () => {
  const root = makeUrn("dev", "proj", undefined, "pulumi:pulumi:Stack", "proj-dev");
  const parent = makeUrn("dev", "proj", root, "my:index:Group", "g");
  expect(parent).toBe("urn:pulumi:dev::proj::my:index:Group::g");
  expect(makeUrn("dev", "proj", parent, "random:index/randomPet:RandomPet", "pet")).toBe(
    "urn:pulumi:dev::proj::my:index:Group$random:index/randomPet:RandomPet::pet",
  );
});

test("a name may hold the separator itself", () => {
  const urn = makeUrn("dev", "proj", undefined, "a:b:C", "one::two$three");
  expect(parseUrn(urn)).toEqual({ stack: "dev", project: "proj", qualifiedType: "a:b:C", type: "a:b:C", name: "one::two$three" });
});

test("the resource's own type is the last of the qualified type", () => {
  expect(parseUrn("urn:pulumi:s::p::a:b:C$d:e:F::n").type).toBe("d:e:F");
});

test.each(["", "urn:pulumi:s::p::t", "arn:pulumi:s::p::t::n"])("%j isn't a URN", (text) => {
  expect(isUrn(text)).toBe(false);
  expect(() => parseUrn(text as Urn)).toThrow(`'${text}' is not a URN`);
});
