import { expect, test } from "vitest";
import { errorCatalogue } from "#core/error-catalogue.ts";
import { fromProblem, hasCode, isStrataError, StrataError, toProblem } from "#core/errors.ts";
import { checkName, newOperationId, parseStackName } from "#core/ids.ts";

test("a problem document tells the kind, the case and the fields", () => {
  const error = new StrataError("invalid_request", "two fields are wrong", { fields: [{ pointer: "/kind", detail: "is missing" }], facts: { stack: "a.b.c" } });
  expect(toProblem(error)).toEqual({
    type: "/problems/invalid-request",
    title: errorCatalogue.invalid_request.title,
    status: 400,
    detail: "two fields are wrong",
    code: "invalid_request",
    errors: [{ pointer: "/kind", detail: "is missing" }],
    facts: { stack: "a.b.c" },
  });
});

test("an error survives the way over a process border", () => {
  const error = fromProblem(JSON.parse(JSON.stringify(toProblem(new StrataError("stack_locked", "by pid 7", { facts: { pid: 7 } })))) as never);
  expect(hasCode(error, "stack_locked")).toBe(true);
  expect(error.facts).toEqual({ pid: 7 });
});

test("an error that isn't ours becomes an internal one with its message", () => {
  expect(toProblem(new TypeError("x is undefined"))).toMatchObject({ code: "internal", status: 500, detail: "x is undefined" });
  expect(toProblem("thrown text").detail).toBe("thrown text");
});

test("errors are recognised by their brand, also from another copy of the module", () => {
  expect(isStrataError({ [Symbol.for("strata.error")]: true })).toBe(true);
  expect(isStrataError(new Error("x"))).toBe(false);
});

test.each(["Lab", "lab!", "-lab", "lab-", "a--b", "1lab", "", "x".repeat(41), "lab.one"])("%j can't be a name, and the error tells the rule", (name) => {
  expect(() => checkName("environment", name)).toThrow(
    expect.objectContaining({ code: "invalid_name", message: expect.stringContaining("lower-case letters") }),
  );
});

test.each(["lab", "local-lab", "platform_base", "a1", "x".repeat(40)])("%j can be a name", (name) => {
  expect(checkName("layer", name)).toBe(name);
});

test("a stack's name has three parts", () => {
  expect(parseStackName("local-lab.lab.platform_base")).toEqual({ system: "local-lab", environment: "lab", layer: "platform_base" });
  expect(() => parseStackName("local-lab.lab")).toThrow(expect.objectContaining({ code: "invalid_name" }));
});

test("operation ids sort by age", () => {
  const ids = [1_000, 2_000_000_000_000, 4_000_000_000_000].map((time) => newOperationId(new Date(time)));
  expect([...ids].sort()).toEqual(ids);
});
