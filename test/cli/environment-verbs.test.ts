import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StrataError } from "#core/errors.ts";
import { environment, FakeController, scheduleRecord } from "./fake-controller.ts";
import { FakeMachine } from "./fake-ports.ts";

const address = "/v1/environments/local-lab/lab";
let machine: FakeMachine;
let controller: FakeController;
beforeEach(async () => {
  machine = await FakeMachine.make();
  controller = new FakeController();
  controller.on(`PUT ${address}`, ({ body }) => ({ body: { ...environment, ...(body as object) } }));
  await controller.listen();
  await machine.announce({ port: controller.port, instanceId: controller.instance, pid: 4242, startedBy: "user" });
});
afterEach(async () => {
  await controller.close();
  await machine.remove();
});

const put = () => controller.seen("PUT", address)[0];

describe("strata env set", () => {
  test("changes what is given, keeps the rest, and only if nobody else changed it meanwhile", async () => {
    expect(await machine.run("env", "set", "local-lab", "--scenario", "base", "--budget", "10Gi")).toBe(0);
    expect(put()?.body).toEqual({ scenario: "base", cluster: environment.cluster, budget: { memoryBytes: 10 * 2 ** 30 }, config: {} });
    expect(put()?.headers["if-match"]).toBe('"3"');
    expect(machine.stdout.text).toContain("nothing was deployed yet");
  });

  test("lands on a kubeconfig by its absolute path, or back on the shipped sandbox", async () => {
    await machine.run("env", "set", "--kubeconfig", "some/kubeconfig", "--context", "kind");
    expect(put()?.body).toMatchObject({ cluster: { source: "kubeconfig", path: resolve("some/kubeconfig"), context: "kind" } });
    controller.requests.length = 0;
    await machine.run("env", "set", "--sandbox", "--budget", "none");
    expect(put()?.body).toEqual({ scenario: "etl-minimal", budget: {}, config: {} });
  });

  test("creates an environment that doesn't exist yet", async () => {
    controller.refuse("GET /v1/environments/local-lab/mine", new StrataError("unknown_environment", "there is none"));
    controller.on("PUT /v1/environments/local-lab/mine", () => ({ status: 201, body: { ...environment, environment: "mine" } }));
    expect(await machine.run("env", "set", "local-lab", "--env", "mine", "--scenario", "base")).toBe(0);
    expect(machine.stdout.text).toContain("strata up local-lab --env mine");
    expect(controller.seen("PUT", "/v1/environments/local-lab/mine")[0]?.headers["if-match"]).toBeUndefined();
  });

  test("takes a YAML file, over which options win", async () => {
    const file = join(machine.dataFolder, "values.yaml");
    await writeFile(file, "scenario: base\nconfig:\n  components:\n    airflow: {replicas: 2}\n");
    await machine.run("env", "set", "--file", file, "--scenario", "etl-minimal");
    expect(put()?.body).toMatchObject({ scenario: "etl-minimal", config: { components: { airflow: { replicas: 2 } } } });
  });

  test("names file, line and column of broken YAML, and the file that can't be read", async () => {
    const file = join(machine.dataFolder, "values.yaml");
    await writeFile(file, "scenario: base\nconfig: {a: [1, 2}\n");
    expect(await machine.run("env", "set", "--file", file)).toBe(2);
    expect(machine.stderr.text).toContain(`${file}:2:`);
    await writeFile(file, "- a\n- b\n");
    expect(await machine.run("env", "set", "--file", file)).toBe(2);
    expect(machine.stderr.text).toContain(`${file}:1:1: expected a mapping`);
    expect(await machine.run("env", "set", "--file", join(machine.dataFolder, "absent.yaml"))).toBe(2);
    expect(put()).toBeUndefined();
  });

  test("refuses nothing, contradictions and amounts that aren't any", async () => {
    for (const argv of [[], ["--sandbox", "--kubeconfig", "k"], ["--context", "c"], ["--budget", "much"], ["--budget", "-1Gi"]])
      expect(await machine.run("env", "set", "local-lab", ...argv)).toBe(2);
    expect(machine.stderr.text).toContain("--budget is 'much', expected an amount of memory such as 22Gi, or none.");
    expect(put()).toBeUndefined();
  });
});

describe("strata schedule", () => {
  const schedules = `${address}/schedules`;
  beforeEach(() => {
    controller.on(`GET ${schedules}`, () => ({ body: { items: [scheduleRecord()] } }));
    controller.on(`GET ${schedules}/sch-1`, () => ({ body: scheduleRecord() }));
  });

  test("add sends cron, time zone and action, and shows the coming runs", async () => {
    controller.on(`POST ${schedules}`, () => ({ status: 201, body: scheduleRecord() }));
    const argv = ["schedule", "add", "local-lab", "--cron", "0 7 * * *", "--kind", "refresh", "--time-zone", "Europe/Paris", "--layer", "platform_base"];
    expect(await machine.run(...argv)).toBe(0);
    expect(controller.seen("POST", schedules)[0]?.body).toEqual({
      cron: "0 7 * * *",
      timeZone: "Europe/Paris",
      action: { kind: "refresh", layers: ["platform_base"] },
    });
    expect(machine.stdout.text).toContain("Next runs (UTC)\n  2026-11-22 07:00:00\n");
  });

  test("add passes on what the controller says of a bad cron expression", async () => {
    controller.refuse(
      `POST ${schedules}`,
      new StrataError("invalid_schedule", "minute '99' isn't from 0 to 59", { fields: [{ pointer: "/cron", detail: "minute" }] }),
    );
    expect(await machine.run("schedule", "add", "--cron", "99 7 * * *", "--kind", "refresh")).toBe(2);
    expect(machine.stderr.text).toContain("minute '99' isn't from 0 to 59");
    expect(machine.stderr.text).toContain("code: invalid_schedule");
  });

  test("list shows all environments' schedules with their next and last runs", async () => {
    const lastRun = { dueAt: "2026-11-21T07:00:00.000Z", outcome: "skipped" as const, detail: "the previous one still runs" };
    controller.on(`GET ${schedules}`, () => ({ body: { items: [scheduleRecord({ lastRun }), scheduleRecord({ id: "sch-2" as never, paused: true })] } }));
    expect(await machine.run("schedule", "list")).toBe(0);
    expect(machine.stdout.text).toContain("2026-11-22 07:00:00  2026-11-21 07:00:00 skipped");
    expect(machine.stdout.text).toMatch(/sch-2 .* paused/);
  });

  test("pause, resume, show and remove find the environment by the schedule's id", async () => {
    controller.on(`PATCH ${schedules}/sch-1`, ({ body }) => ({ body: scheduleRecord(body as { paused: boolean }) }));
    controller.on(`DELETE ${schedules}/sch-1`, () => ({ status: 204 }));
    expect(await machine.run("schedule", "pause", "sch-1")).toBe(0);
    expect(machine.stdout.text).toContain(", paused");
    expect(await machine.run("schedule", "resume", "sch-1")).toBe(0);
    expect(await machine.run("schedule", "show", "sch-1")).toBe(0);
    expect(await machine.run("schedule", "remove", "sch-1")).toBe(0);
    expect(controller.seen("PATCH", `${schedules}/sch-1`).map(({ body }) => body)).toEqual([{ paused: true }, { paused: false }]);
    expect(controller.seen("DELETE", `${schedules}/sch-1`)).toHaveLength(1);
  });

  test("an unknown id is answered with the known ones", async () => {
    expect(await machine.run("schedule", "show", "sch-9")).toBe(2);
    expect(machine.stderr.text).toContain("There is no schedule 'sch-9'; there are sch-1.");
  });
});
