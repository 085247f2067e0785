#!/usr/bin/env node
// The command line. Node 24 runs it as it is; an older one is told what to do.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `error: Strata needs Node 24 or newer, this is ${process.versions.node}. Run \`npm ci\` in the checkout, which brings one along, and then \`npx strata\`.`,
  );
  process.exit(2);
}
const { main } = await import("#bin/main.ts");
process.exitCode = await main(process.argv.slice(2));
