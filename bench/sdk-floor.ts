// Prints the seconds that the SDK alone needs to register the program with its own mock monitor: node bench/sdk-floor.ts KUBECONFIG NAMESPACE COUNT
import { all, runtime } from "@pulumi/pulumi";
import { registerConfigMaps } from "./config-map-program.ts";
import { median, seconds } from "./timing.ts";

const [kubeconfig, namespace, count] = process.argv.slice(2) as [string, string, string];
await runtime.setMocks({ newResource: (args) => ({ id: `${args.name}-id`, state: args.inputs }), call: (args) => args.inputs });
const figures: number[] = [];
for (let run = 0; run < 4; run++)
  figures.push(
    await seconds(
      () => new Promise((resolve) => void all(registerConfigMaps(kubeconfig, namespace, Number(count)).map((resource) => resource.urn)).apply(resolve)),
    ),
  );
// The first run pays for the compilation of the SDK, which a warm runner has behind it.
console.log(median(figures.slice(1)));
process.exit(0);
