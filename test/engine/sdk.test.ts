// The unmodified SDK on the embedded command, with a deployment that is only pretended: what is tested is everything around one run.
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineEvent, LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Secret } from "#core/property-value.ts";
import { makeUrn, rootStackType } from "#core/urn.ts";
import type { DeploymentPorts, DeploymentRequest, DeploymentResult, EngineEventBody } from "#engine/deploy/deployment.ts";
import { createEmbeddedCommand } from "#engine/embedded-command.ts";
import { makeState } from "#engine/state/resource-state.ts";

let folder: string;
let pretend: (request: DeploymentRequest, ports: DeploymentPorts) => Promise<DeploymentResult>;
let requests: DeploymentRequest[];
const command = createEmbeddedCommand({
  packages: [],
  environment: { PATH: process.env.PATH },
  runDeployment: (request, ports) => {
    requests.push(request);
    return pretend(request, ports);
  },
});

const rootOf = ({ project, stack }: DeploymentRequest) => makeUrn(stack, project, undefined, rootStackType, `${project}-${stack}`);

/** Ends well with a root resource that has the given outputs. */
function succeedWith(outputs: DeploymentRequest["previous"]["resources"][number]["outputs"]): typeof pretend {
  return async (request, ports) => {
    for (const event of [
      { preludeEvent: { config: {} } },
      { summaryEvent: { resourceChanges: { create: 1 }, durationSeconds: 1, maybeCorrupt: false, policyPacks: {} } },
      { cancelEvent: {} },
    ])
      ports.emit(event as EngineEventBody);
    const root = makeState({ urn: rootOf(request), type: rootStackType, custom: false, outputs });
    return {
      outcome: "succeeded",
      snapshot: request.kind === "destroy" ? { resources: [], pendingOperations: [] } : { resources: [root], pendingOperations: [] },
      changes: { create: 1 },
      durationSeconds: 1,
    };
  };
}

async function open(stackName = "dev", how: "createOrSelectStack" | "createStack" | "selectStack" = "createOrSelectStack"): Promise<Stack> {
  const options = {
    pulumiCommand: command as never,
    workDir: join(folder, "work"),
    envVars: { PULUMI_BACKEND_URL: `file://${folder}/state`, PULUMI_HOME: join(folder, "home"), PULUMI_CONFIG_PASSPHRASE: "geheim" },
  };
  return await LocalWorkspace[how]({ stackName, projectName: "shop", program: async () => ({}) }, options);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sdk-"));
  for (const name of ["state", "home", "work"]) await mkdir(join(folder, name));
  requests = [];
  pretend = succeedWith({ plain: { list: [1] }, password: new Secret("s3cret"), mixed: { inner: new Secret(7) } });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the SDK's stacks", () => {
  test("are made, found, listed with what is current, and removed", async () => {
    const dev = await open();
    await open("prod", "createStack");
    expect((await dev.workspace.listStacks()).map(({ name, current, resourceCount }) => [name, current, resourceCount])).toEqual([
      ["dev", false, 0],
      ["prod", true, 0],
    ]);
    await dev.workspace.removeStack("prod");
    expect((await dev.workspace.listStacks()).map(({ name }) => name)).toEqual(["dev"]);
    expect(await readdir(join(folder, "work"))).toEqual(["Pulumi.dev.yaml", "Pulumi.yaml"]);
  });

  test("that are missing or there already come as errors of their own class", async () => {
    await open();
    await expect(open("nobody", "selectStack")).rejects.toMatchObject({ name: "StackNotFoundError" });
    await expect(open("dev", "createStack")).rejects.toMatchObject({ name: "StackAlreadyExistsError" });
  });

  test("that are locked come as a ConcurrentUpdateError to the second operation", async () => {
    const stack = await open();
    const running = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const succeed = pretend;
    pretend = async (request, ports) => {
      running.resolve();
      await goOn.promise;
      return await succeed(request, ports);
    };
    const first = stack.up();
    await running.promise;
    await expect(stack.up()).rejects.toMatchObject({ name: "ConcurrentUpdateError" });
    goOn.resolve();
    await first;
    await stack.up();
  });

  test("keep a name with dots, as layers have", async () => {
    const stack = await open("lab.dev.platform_base");
    await stack.setConfig("a", { value: "b" });
    expect(await readFile(join(folder, "work", "Pulumi.lab.dev.platform_base.yaml"), "utf8")).toContain("shop:a: b");
  });

  test("answer who works on them", async () => {
    const { user, url } = await (await open()).workspace.whoAmI();
    expect([user.length > 0, url]).toEqual([true, `file://${folder}/state`]);
  });

  test("carry tags and are renamed with everything that is theirs", async () => {
    const stack = await open();
    await stack.setTag("owner", "me");
    await stack.up();
    await stack.rename({ stackName: "next" } as never);
    const renamed = await open("next", "selectStack");
    expect(await renamed.listTags()).toEqual({ owner: "me" });
    const [root] = (await renamed.exportStack()).deployment.resources as { urn: string }[];
    expect(root!.urn).toBe("urn:pulumi:next::shop::pulumi:pulumi:Stack::shop-next");
    expect((await renamed.history()).length).toBe(1);
    await renamed.removeTag("owner");
    expect(await renamed.listTags()).toEqual({});
  });
});

describe("the SDK's configuration", () => {
  test("goes back and forth: texts, secrets, paths, many at once", async () => {
    const stack = await open();
    await stack.setConfig("count", { value: "7" });
    await stack.setConfig("token", { value: "s3cr3t", secret: true });
    await stack.setConfig("object.list[0].deep", { value: "true" }, true);
    await stack.setAllConfig({ dash: { value: "-dash=x" }, other: { value: "o", secret: true } });
    expect(await stack.getAllConfig()).toEqual({
      "shop:count": { value: "7", secret: false },
      "shop:dash": { value: "-dash=x", secret: false },
      "shop:object": { value: '{"list":[{"deep":true}]}', objectValue: { list: [{ deep: true }] }, secret: false },
      "shop:other": { value: "o", secret: true },
      "shop:token": { value: "s3cr3t", secret: true },
    });
    expect(await stack.getConfig("object.list[0].deep", true)).toMatchObject({ value: "true" });
    await stack.removeAllConfig(["other", "dash"]);
    await stack.removeConfig("object.list", true);
    expect(Object.keys(await stack.getAllConfig())).toEqual(["shop:count", "shop:object", "shop:token"]);
    const file = await readFile(join(folder, "work", "Pulumi.dev.yaml"), "utf8");
    expect(file).not.toContain("s3cr3t");
  });

  test("reaches the run decrypted, with the names of what is secret", async () => {
    const stack = await open();
    await stack.setAllConfig({ a: { value: "1" }, b: { value: "2", secret: true } });
    await stack.preview();
    expect(requests[0]).toMatchObject({ config: { "shop:a": "1", "shop:b": "2" }, configSecretKeys: ["shop:b"], project: "shop", stack: "dev", dryRun: true });
  });

  test("takes any text as a value", async () => {
    const stack = await open();
    for (const value of ["--help", "-h", "", "a=b", "--", "ä\n\"'"]) {
      await stack.setConfig("a", { value });
      expect((await stack.getConfig("a")).value).toBe(value);
    }
  });

  test("that is absent is an error naming key and stack", async () => {
    await expect((await open()).getConfig("absent")).rejects.toThrow("configuration key 'absent' not found for stack 'dev'");
  });

  test("given as a secret doesn't show in the error of a failed call", async () => {
    const stack = await open();
    await rm(join(folder, "state", ".pulumi", "stacks"), { recursive: true });
    const failure = await stack.setConfig("token", { value: "s3cr3t", secret: true }).then(String, String);
    expect(failure).toContain("no stack named 'dev' found");
    expect(failure).not.toContain("s3cr3t");
  });
});

describe("the SDK's operations", () => {
  test("get outputs with secrets marked, a summary and every event in order", async () => {
    const events: EngineEvent[] = [];
    const { outputs, summary, stdout } = await (await open()).up({ onEvent: (event) => events.push(event), message: "first" });
    expect(outputs).toEqual({
      plain: { value: { list: [1] }, secret: false },
      password: { value: "s3cret", secret: true },
      mixed: { value: { inner: 7 }, secret: false },
    });
    expect(summary).toMatchObject({ kind: "update", result: "succeeded", message: "first", resourceChanges: { create: 1 } });
    expect(events.map((event) => [event.sequence, Object.keys(event).filter((key) => key.endsWith("Event"))[0]])).toEqual([
      [0, "preludeEvent"],
      [1, "summaryEvent"],
      [2, "cancelEvent"],
    ]);
    expect(stdout).toContain("+ 1 created");
  });

  test("leave lock, temporary files and journal behind nowhere", async () => {
    await (await open()).up();
    const left = (await readdir(join(folder, "state"), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(join(folder, "state/.pulumi/").length)
          .replace(/\d{19}/, "N"),
      );
    expect(left.sort()).toEqual([
      "backups/shop/dev/dev.N.json",
      "history/shop/dev/dev-N.checkpoint.json",
      "history/shop/dev/dev-N.history.json",
      "meta.yaml",
      "stacks/shop/dev.json",
      "stacks/shop/dev.json.bak",
    ]);
  });

  test("change nothing on disk in a preview", async () => {
    const stack = await open();
    await stack.up();
    const before = await readFile(join(folder, "state/.pulumi/stacks/shop/dev.json"), "utf8");
    expect(await stack.preview()).toMatchObject({ changeSummary: { create: 1 } });
    expect(await stack.previewRefresh()).toMatchObject({ changeSummary: { create: 1 } });
    expect(await readFile(join(folder, "state/.pulumi/stacks/shop/dev.json"), "utf8")).toBe(before);
    expect((await stack.history()).length).toBe(1);
    expect(requests.map(({ kind, dryRun }) => [kind, dryRun])).toEqual([
      ["update", false],
      ["preview", true],
      ["refresh", true],
    ]);
  });

  test("hand their flags on", async () => {
    const stack = await open();
    await stack.up({ target: ["a", "b"], targetDependents: true, replace: ["c"], parallel: 3, refresh: true, continueOnError: true });
    await stack.destroy({ exclude: ["x"], excludeDependents: true, runProgram: true });
    expect(requests[0]).toMatchObject({
      targets: ["a", "b"],
      targetDependents: true,
      replaces: ["c"],
      parallel: 3,
      refresh: true,
      continueOnError: true,
      runProgram: false,
    });
    expect(requests[1]).toMatchObject({ excludes: ["x"], excludeDependents: true, runProgram: true, kind: "destroy" });
  });

  test("that fail keep what was done, file it as failed and say why on the error", async () => {
    const succeed = pretend;
    pretend = async (request, ports) => {
      ports.emit({
        diagnosticEvent: {
          message: "<{%reset%}>it broke<{%reset%}>\n",
          prefix: "<{%fg 1%}>error: <{%reset%}>",
          color: "raw",
          severity: "error",
          urn: rootOf(request),
        },
      });
      return { ...(await succeed(request, ports)), outcome: "failed" };
    };
    const stack = await open();
    const failure = await stack.up().then(String, String);
    expect(failure).toMatch(
      /Command failed with exit code 1: pulumi up .*\nUpdating \(dev\):[\s\S]*Diagnostics:\n {2}pulumi:pulumi:Stack \(shop-dev\):\n {4}error: it broke\n/,
    );
    expect((await stack.history())[0]).toMatchObject({ result: "failed" });
    expect((await stack.exportStack()).deployment.resources).toHaveLength(1);
  });

  test("that were cancelled twice exit as cancelled", async () => {
    pretend = async (request) => ({ outcome: "terminated", snapshot: request.previous, changes: {}, durationSeconds: 0 });
    await expect((await open()).up()).rejects.toThrow(/exit code 8: [\s\S]*error: update cancelled/);
  });

  test("pass an abort on to the run", async () => {
    const abort = new AbortController();
    const succeed = pretend;
    pretend = async (request, ports) => {
      abort.abort();
      expect(ports.cancellation.cancel.aborted).toBe(true);
      return { ...(await succeed(request, ports)), outcome: "cancelled" };
    };
    await expect((await open()).up({ signal: abort.signal })).rejects.toThrow("exit code 1");
  });

  test("with --expect-no-changes fail after the change, in the genuine words", async () => {
    await expect((await open()).up({ expectNoChanges: true })).rejects.toThrow(
      /exit code 7: [\s\S]*error: no changes were expected for update but changes were proposed/,
    );
  });

  test("that the engine doesn't have are refused by name", async () => {
    const stack = await open();
    await expect(stack.up({ plan: "p.json" })).rejects.toThrow("--plan isn't supported by the embedded engine");
    await expect(stack.up({ target: ["a"], exclude: ["b"] })).rejects.toThrow("cannot specify both --target and --exclude");
  });

  test("can't decrypt with another passphrase, and leave the state as it is", async () => {
    const stack = await open();
    await stack.up();
    stack.workspace.envVars.PULUMI_CONFIG_PASSPHRASE = "anders";
    await expect(stack.up()).rejects.toThrow("error: incorrect passphrase");
    stack.workspace.envVars.PULUMI_CONFIG_PASSPHRASE = "geheim";
    expect((await stack.outputs()).password).toEqual({ value: "s3cret", secret: true });
  });

  test("encrypt the state anew when the settings have lost their salt", async () => {
    const stack = await open();
    await stack.up();
    const saltOf = async () => ((await stack.exportStack()).deployment.secrets_providers as { state: { salt: string } }).state.salt;
    const before = await saltOf();
    await rm(join(folder, "work", "Pulumi.dev.yaml"));
    const seen: unknown[] = [];
    const succeed = pretend;
    pretend = async (request, ports) => {
      seen.push(request.previous.resources[0]!.outputs.password);
      return await succeed(request, ports);
    };
    await stack.up();
    expect(seen).toEqual([new Secret("s3cret")]);
    expect(await saltOf()).not.toBe(before);
    expect(await readFile(join(folder, "work", "Pulumi.dev.yaml"), "utf8")).toContain(await saltOf());
    expect((await stack.outputs()).password).toEqual({ value: "s3cret", secret: true });
  });

  test("export, import and destroy with removal", async () => {
    const stack = await open();
    await stack.up();
    const exported = await stack.exportStack();
    const foreign = JSON.parse(JSON.stringify(exported).replaceAll("urn:pulumi:dev::", "urn:pulumi:other::")) as typeof exported;
    // The SDK leaves its file there when an import fails.
    vi.stubEnv("TMPDIR", folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(stack.importStack(foreign)).rejects.toThrow("is from a different stack (other != dev)");
    await stack.importStack(exported);
    expect((await stack.outputs()).password).toEqual({ value: "s3cret", secret: true });
    await stack.destroy({ remove: true });
    expect(await stack.workspace.listStacks()).toEqual([]);
    expect(await readdir(join(folder, "work"))).toEqual(["Pulumi.yaml"]);
  });

  test("answer another stack's outputs to a stack reference, secrets as secrets", async () => {
    await (await open("producer")).up();
    const consumer = await open("consumer");
    const seen: unknown[] = [];
    const succeed = pretend;
    pretend = async (request, ports) => {
      seen.push(await ports.readStackOutputs("organization/shop/producer"));
      seen.push(await ports.readStackOutputs("nobody").catch((error: Error) => error.message));
      return await succeed(request, ports);
    };
    await consumer.up();
    expect(seen[0]).toMatchObject({ outputs: { password: new Secret("s3cret") }, secretOutputNames: ["mixed", "password"] });
    expect(seen[1]).toBe('unknown stack "nobody"');
  });
});
