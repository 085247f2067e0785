import { setImmediate as turn } from "node:timers/promises";
import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { fakePackage, stepsOf, summaryOf, TestStack } from "./harness.ts";
import { Thing } from "./resources.ts";

const ten = Array.from({ length: 10 }, (_, i) => `slow${i}`);

test("resources that wait to become ready hold up no others, only those that depend on them", async () => {
  const waiting: string[] = [];
  const ready = Promise.withResolvers<void>();
  const calls: string[] = [];
  const stack = new TestStack(
    fakePackage((host) => ({
      create: async ({ name, inputs }) => {
        calls.push(name);
        if (!name.startsWith("slow")) return { id: name, outputs: inputs };
        return await host.whileWaiting(async () => {
          waiting.push(name);
          // Ends only when all wait at the same time.
          if (waiting.length === ten.length) ready.resolve();
          await ready.promise;
          return { id: name, outputs: inputs };
        });
      },
    })),
  );
  const outcome = await stack.up(
    async () => {
      const slow = ten.map((name) => new Thing(name));
      new Thing("dependent", { value: slow[0]!.id });
    },
    { parallel: 2 },
  );
  expect(outcome.outcome).toBe("succeeded");
  expect(waiting.toSorted()).toEqual(ten);
  expect(calls.at(-1)).toBe("dependent");
});

test("work after the waiting counts among the steps that may run at once again", async () => {
  let working = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++working);
    for (let i = 0; i < 3; i++) await turn();
    working--;
  };
  const stack = new TestStack(
    fakePackage((host) => ({
      create: async ({ name, inputs }) => {
        await work();
        await host.whileWaiting(async () => await turn());
        await work();
        return { id: name, outputs: inputs };
      },
    })),
  );
  await stack.up(async () => void ten.map((name) => new Thing(name)), { parallel: 2 });
  expect(most).toBe(2);
});

test("a wait that fails fails its resource and gives the slot back", async () => {
  const stack = new TestStack(
    fakePackage((host) => ({
      create: async ({ name, inputs }) => {
        if (name === "bad") await host.whileWaiting(async () => Promise.reject(new Error("never got ready")));
        return { id: name, outputs: inputs };
      },
    })),
  );
  const outcome = await stack.up(
    async () => {
      new Thing("bad");
      for (const name of ten) new Thing(name);
    },
    { parallel: 1, continueOnError: true },
  );
  expect(outcome.outcome).toBe("failed");
  expect(summaryOf(outcome)?.resourceChanges).toMatchObject({ create: 11 });
  expect(stepsOf(outcome)).toHaveLength(11);
});

test("a function of a provider may wait although it holds no slot", async () => {
  const stack = new TestStack(fakePackage((host) => ({ invoke: async ({ args }) => ({ result: await host.whileWaiting(async () => args), failures: [] }) })));
  const outcome = await stack.up(async () => ({ answer: await pulumi.runtime.invoke("fake:index:ask", { question: 1 }, { version: "1.0.0" }) }));
  expect(outcome.outcome).toBe("succeeded");
  expect(stack.stackOutputs()).toEqual({ answer: { question: 1 } });
});
