import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeController } from "./fake-controller.ts";
import { FakeMachine } from "./fake-ports.ts";

let machine: FakeMachine;
let controller: FakeController;
beforeEach(async () => {
  machine = await FakeMachine.make();
  controller = new FakeController();
  await controller.listen();
});
afterEach(async () => {
  await controller.close();
  await machine.remove();
});

const local = () => ({ port: controller.port, instanceId: controller.instance, pid: 4242, startedBy: "user" as const });

/** A port that starts `controller` as the real one would: it writes its files a little later. */
function startable(announce: () => Promise<void>) {
  let starts = 0;
  machine.overrides = {
    startController: async () => {
      starts++;
      setTimeout(() => void announce(), 5);
      return { logFile: join(machine.dataFolder, "controller.log"), exited: new Promise(() => undefined) };
    },
  };
  return () => starts;
}

describe("finding the controller", () => {
  test("talks to the one that serves the data folder, with its token", async () => {
    await machine.announce(local());
    expect(await machine.run("systems", "--json")).toBe(0);
    expect(controller.seen("GET", "/v1/systems")[0]?.headers.authorization).toBe("Bearer secret-token");
    expect(machine.stderr.text).toBe("");
  });

  test("never talks to a foreign controller on the port, but starts its own", async () => {
    const foreign = new FakeController("somebody-else");
    await foreign.listen();
    try {
      await machine.announce({ ...local(), port: foreign.port });
      const starts = startable(() => machine.announce(local()));
      expect(await machine.run("systems")).toBe(0);
      expect(starts()).toBe(1);
      expect(foreign.requests.map(({ path }) => path)).not.toContain("/v1/systems");
      expect(foreign.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    } finally {
      await foreign.close();
    }
  });

  test("starts one where there is none, and waits until it is ready", async () => {
    controller.isReady = false;
    const starts = startable(async () => {
      await machine.announce(local());
      setTimeout(() => {
        controller.isReady = true;
      }, 20);
    });
    expect(await machine.run("systems")).toBe(0);
    expect(starts()).toBe(1);
    expect(machine.stderr.text).toContain(`No controller serves ${machine.dataFolder}: starting one`);
  });

  test("takes a broken controller file for none", async () => {
    await writeFile(join(machine.dataFolder, "controller.json"), '{"port": "many"');
    startable(() => machine.announce(local()));
    expect(await machine.run("systems")).toBe(0);
  });

  test("uses the controller that somebody else started at the same moment, though its own gave way", async () => {
    machine.overrides = {
      startController: async () => {
        setTimeout(() => void machine.announce(local()), 10);
        return { logFile: join(machine.dataFolder, "controller.log"), exited: Promise.resolve(1) };
      },
    };
    expect(await machine.run("systems")).toBe(0);
  });

  test("ends with 3 and the end of the log when the controller can't start", async () => {
    const logFile = join(machine.dataFolder, "controller.log");
    await writeFile(logFile, `${Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\n")}\nthe disk is full\n`);
    machine.overrides = { startController: async () => ({ logFile, exited: Promise.resolve(1) }) };
    expect(await machine.run("systems")).toBe(3);
    expect(machine.stderr.text).toContain("the disk is full");
    expect(machine.stderr.text).toContain(logFile);
    expect(machine.stderr.text).not.toContain("line 5\n");
    expect(machine.stderr.text).toContain("next: strata doctor");
    expect(machine.stderr.text).toContain("code: controller_unreachable");
  });

  test("ends with 3 when the controller never becomes ready", async () => {
    controller.isReady = false;
    machine.time.pace = 20;
    startable(() => machine.announce(local()));
    expect(await machine.run("systems")).toBe(3);
    expect(machine.stderr.text).toContain("wasn't ready within 90 seconds");
  });

  test("says what to do when the token can't be read", async () => {
    await machine.announce(local());
    await mkdir(join(machine.dataFolder, "locked"));
    machine.overrides = {
      settings: { dataFolder: machine.dataFolder, controllerFile: join(machine.dataFolder, "controller.json"), tokenFile: join(machine.dataFolder, "locked") },
    };
    expect(await machine.run("systems")).toBe(2);
    expect(machine.stderr.text).toContain("Run this as the user who started it");
  });
});

describe("a controller named by its address", () => {
  test("gets the token given with it, never that of the data folder", async () => {
    await machine.announce({ ...local(), port: 1, instanceId: "other" }, "local-token");
    machine.env["STRATA_URL"] = controller.url;
    expect(await machine.run("systems")).toBe(2);
    expect(controller.seen("GET", "/v1/systems")[0]?.headers.authorization).toBeUndefined();
    machine.env["STRATA_TOKEN"] = "secret-token";
    expect(await machine.run("systems")).toBe(0);
  });

  test("by option wins over the environment", async () => {
    machine.env["STRATA_URL"] = "http://127.0.0.1:1";
    expect(await machine.run("systems", "--url", controller.url, "--token", "secret-token")).toBe(0);
  });

  test("is never started: nothing there ends with 3", async () => {
    expect(await machine.run("systems", "--url", "http://127.0.0.1:1")).toBe(3);
    expect(machine.stderr.text).toMatch(/The controller at http:\/\/127.0.0.1:1 gave no answer: .+/);
  });

  test("must be an origin", async () => {
    for (const url of ["localhost:7700", "ftp://x", "http://127.0.0.1:7700/v1", "http://user:secret@127.0.0.1"])
      expect(await machine.run("systems", "--url", url)).toBe(2);
    expect(machine.stderr.text).toContain("--url is 'localhost:7700', expected the origin of a controller");
  });

  test("that isn't a controller is told apart from one that refuses", async () => {
    controller.on("GET /v1/systems", () => (response) => response.writeHead(404).end("<html>nginx</html>"));
    expect(await machine.run("systems", "--url", controller.url, "--token", "secret-token")).toBe(2);
    expect(machine.stderr.text).toContain("Is this address a Strata controller's?");
    controller.on("GET /v1/systems", () => (response) => response.writeHead(200).end("<html>hello</html>"));
    expect(await machine.run("systems", "--url", controller.url, "--token", "secret-token")).toBe(1);
    controller.on("GET /v1/systems", () => (response) => response.writeHead(502).end("bad gateway"));
    expect(await machine.run("systems", "--url", controller.url, "--token", "secret-token")).toBe(3);
  });

  test("over plain HTTP across the network is warned of", async () => {
    controller.on("GET /v1/systems", () => ({ body: { items: [] } }));
    await machine.run("systems", "--url", `http://localhost:${controller.port}`, "--token", "secret-token");
    expect(machine.stderr.text).not.toContain("in clear");
    await machine.run("systems", "--url", "http://strata.invalid");
    expect(machine.stderr.text).toContain("http://strata.invalid isn't loopback and has no TLS");
  });
});
