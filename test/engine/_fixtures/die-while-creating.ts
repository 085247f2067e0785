// Runs `up` of stack dev in the folder given with a pretended deployment that creates one thing, begins another and then hangs until it is killed.
import { createEmbeddedCommand } from "#engine/embedded-command.ts";
import { pretendedThing } from "#test/engine/_fixtures/pretended-thing.ts";

const folder = process.argv[2]!;
const command = createEmbeddedCommand({
  packages: [],
  environment: process.env,
  async runDeployment(_request, { journal }) {
    const token = await journal!.begin({ resource: pretendedThing("done", ""), type: "creating" });
    await journal!.end(token, { put: pretendedThing("done") });
    await journal!.begin({ resource: pretendedThing("halfway", ""), type: "creating" });
    process.send?.("hanging");
    return await new Promise(() => setInterval(() => undefined, 1000));
  },
});
await command.run(["up", "--yes", "--skip-preview", "--stack", "dev", "--client", "127.0.0.1:1"], folder, {});
