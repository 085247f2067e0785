import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { SystemView } from "#cli/http/views.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import type { Paint } from "#cli/render/paint.ts";
import { table } from "#cli/render/table.ts";
import { formatBytes } from "#core/quantity.ts";

/** `strata systems [system]`: what can be deployed. */
export async function showSystems({ session, args }: Invocation<object, [string | undefined]>): Promise<ExitCodeName> {
  const api = await session.connect();
  const { terminal } = session;
  if (args[0] !== undefined) {
    const system = await api.system(args[0]);
    if (session.json) terminal.json(system);
    else terminal.print(systemLines(system, terminal.paint));
    return "ok";
  }
  const systems = await api.systems();
  if (session.json) terminal.json(systems);
  else {
    const rows = systems.map((system) => [system.name, system.defaultEnvironment, system.defaultScenario, system.title]);
    terminal.print(table([{ title: "System" }, { title: "Environment" }, { title: "Scenario" }, { title: "" }], rows, terminal.paint.bold));
  }
  return "ok";
}

function systemLines(system: SystemView, paint: Paint): string[] {
  const memory = new Map<string, number>(system.components.map(({ component, memoryBytes }) => [component, memoryBytes]));
  const scenarios = system.scenarios.map(({ scenario, title, components }) => [
    scenario + (scenario === system.defaultScenario ? " (default)" : ""),
    formatBytes(components.reduce((sum, component) => sum + (memory.get(component) ?? 0), 0)),
    title,
  ]);
  const layers = system.layers.map(({ layer, needs, title }) => [layer, needs.join(", "), title]);
  const components = system.components.map(({ component, layer, memoryBytes, title }) => [component, layer, formatBytes(memoryBytes), title]);
  const memoryColumn = { title: "Memory", align: "right" as const };
  return [
    `${paint.bold(system.name)}: ${system.title}`,
    system.description,
    "",
    ...table([{ title: "Scenario" }, memoryColumn, { title: "" }], scenarios, paint.bold),
    "",
    ...table([{ title: "Layer" }, { title: "Needs" }, { title: "" }], layers, paint.bold),
    "",
    ...table([{ title: "Component" }, { title: "Layer" }, memoryColumn, { title: "" }], components, paint.bold),
  ];
}
