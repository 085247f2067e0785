import type { ControllerApi } from "#cli/http/controller-api.ts";
import { closestName } from "#core/closest-name.ts";
import { StrataError } from "#core/errors.ts";

export interface ChosenEnvironment {
  readonly system: string;
  readonly environment: string;
  /** What follows a verb to mean this environment, e.g. `local-lab` or `local-lab --env test`. */
  readonly words: string;
}

/** The environment that a command means: the system may be left out where there is only one, the environment is the system's default. */
export async function chooseEnvironment(api: ControllerApi, system: string | undefined, environment: string | undefined): Promise<ChosenEnvironment> {
  const systems = await api.systems();
  const names = systems.map(({ name }) => name).join(", ");
  const chosen = system === undefined && systems.length === 1 ? systems[0] : systems.find(({ name }) => name === system);
  if (chosen) {
    const name = environment ?? chosen.defaultEnvironment;
    const isDefault = name === chosen.defaultEnvironment;
    return { system: chosen.name, environment: name, words: isDefault ? chosen.name : `${chosen.name} --env ${name}` };
  }
  if (system === undefined) throw new StrataError("invalid_request", `Name a system: ${names}.`);
  const meant = closestName(
    system,
    systems.map(({ name }) => name),
  );
  throw new StrataError("unknown_system", `There is no system '${system}'${meant ? `, did you mean '${meant}'?` : "."} There are: ${names}.`);
}
