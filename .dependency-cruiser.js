// Who may import whom. A room that isn't named here may import nothing of ours but itself.
const rooms = {
  core: [],
  config: ["core"],
  programs: ["core", "config"],
  toolchain: ["core"],
  providers: ["core"],
  clusters: ["core", "toolchain"],
  engine: ["core"],
  automation: ["core", "config", "programs"],
  operations: ["core", "config"],
  server: ["core", "config", "operations"],
  cli: ["core"],
};

const mayImport = Object.entries(rooms).map(([room, others]) => ({
  name: `${room}-imports`,
  comment: `${room} may import ${[room, ...others].join(", ")}`,
  severity: "error",
  from: { path: `^${room}/` },
  to: {
    path: "^(?!node_modules)[a-z]+/",
    dependencyTypesNot: ["core"],
    pathNot: [
      `^(${[room, ...others].join("|")})/`,
      ...(room === "engine" ? ["^providers/contract\\.ts$"] : []),
      ...(room === "clusters" || room === "providers" || room === "config" ? ["^package\\.json$"] : []),
    ],
  },
}));

const packages = [
  { name: "only-server-knows-fastify", from: { pathNot: "^(server|test)/" }, to: { path: "node_modules/(fastify|@fastify)/" } },
  { name: "core-knows-node-only", from: { path: "^core/" }, to: { path: "node_modules/" } },
  {
    name: "no-pulumi-in-config-operations-server-cli",
    from: { path: "^(config|operations|server|cli|clusters|toolchain)/" },
    to: { path: "node_modules/@pulumi/" },
  },
  { name: "no-automation-api-in-programs", from: { path: "^programs/" }, to: { path: "node_modules/@pulumi/pulumi/automation" } },
  { name: "providers-know-no-pulumi-runtime", from: { path: "^providers/" }, to: { path: "node_modules/@pulumi/pulumi/" } },
  { name: "no-cycles", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
].map((rule) => ({ severity: "error", ...rule }));

export default {
  forbidden: [...mayImport, ...packages],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^test/golden/(cases|cli|takeover)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".json"],
    },
  },
};
