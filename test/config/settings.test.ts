import { expect, test } from "vitest";
import { readSettings } from "#config/settings.ts";

test("without any variable the controller serves loopback from the checkout's own data folder", () => {
  const settings = readSettings({});
  expect(settings).toMatchObject({ engine: "auto", host: "127.0.0.1", port: 7700, databaseUrl: undefined, concurrency: 4, parallel: 16 });
  expect(settings.dataFolder).toBe(`${settings.root}/.strata`);
});

test("tool paths are read by the tool's name", () => {
  expect(readSettings({ STRATA_TOOL_KUBE_APISERVER: "/opt/kube-apiserver" }).toolPaths).toEqual({ "kube-apiserver": "/opt/kube-apiserver" });
});

test.each([
  ["STRATA_ENGINE", "turbo", "auto, cli, embedded"],
  ["STRATA_PORT", "70000", "0 to 65535"],
  ["STRATA_PORT", "http", "0 to 65535"],
  ["STRATA_PARALLEL", "0", "1 to 512"],
  ["STRATA_CONCURRENCY", "1.5", "1 to 64"],
])("%s=%s is refused, naming the variable, the value and what it may be", (name, value, allowed) => {
  expect(() => readSettings({ [name]: value })).toThrow(
    expect.objectContaining({ code: "invalid_config", message: expect.stringMatching(new RegExp(`${name} is '${value}'.*${allowed}`)) }),
  );
});
