import { createHash } from "node:crypto";
import { messageOf } from "#core/errors.ts";
import { parseUrn, type Urn } from "#core/urn.ts";
import type { DeploymentRequest } from "#engine/deploy/deployment.ts";
import { packageOfToken } from "#engine/deploy/provider-reference.ts";
import type { CheckRequest } from "#providers/contract.ts";

const autonamingKey = "pulumi:autonaming";

/** How one resource is to be named where the program gives no name. */
export interface Naming {
  readonly options: NonNullable<CheckRequest["autonaming"]>;
  /** The name has no random part, so that old and new resource can't exist side by side. */
  readonly isFixed: boolean;
  /** Somebody asked for this very naming: a provider that can't follow it is worth a warning. */
  readonly isDemanded: boolean;
}

type NamingRequest = Pick<DeploymentRequest, "kind" | "organization" | "project" | "stack" | "config">;
type Strategy = (urn: Urn, seed: Uint8Array) => Naming | undefined;

/** What `pulumi:autonaming` asks for. Mirrors pulumi/pulumi:pkg/resource/autonaming/strategy.go and pkg/cmd/pulumi/autonaming/config.go (v3.259.0). */
export class Autonaming {
  /** What is wrong with the setting. */
  readonly problem: string | undefined;
  readonly #request: NamingRequest;
  #root: Strategy = () => undefined;
  readonly #byPackage = new Map<string, Strategy>();
  readonly #byType = new Map<string, Strategy>();

  constructor(request: NamingRequest) {
    this.#request = request;
    const setting = request.config[autonamingKey];
    if (setting === undefined || (request.kind !== "update" && request.kind !== "preview")) return;
    try {
      this.#read(objectOf(parse(setting), autonamingKey, ["mode", "pattern", "enforce", "providers"]));
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  /** `undefined` leaves the naming to the provider. */
  of(urn: Urn, seed: Uint8Array): Naming | undefined {
    const { type } = parseUrn(urn);
    const specific = this.#byType.get(type) ?? this.#byPackage.get(packageOfToken(type));
    const naming = (specific ?? this.#root)(urn, seed);
    return naming && specific ? { ...naming, isDemanded: true } : naming;
  }

  #read(section: Readonly<Record<string, unknown>>): void {
    this.#root = this.#strategy(section, autonamingKey) ?? this.#root;
    for (const [name, value] of Object.entries(objectOf(section["providers"] ?? {}, "providers"))) {
      const provider = objectOf(value, `provider "${name}"`, ["mode", "pattern", "enforce", "resources"]);
      this.#byPackage.set(name, this.#strategy(provider, `provider "${name}"`) ?? this.#root);
      for (const [type, given] of Object.entries(objectOf(provider["resources"] ?? {}, `resources of provider "${name}"`))) {
        const what = `resource "${type}"`;
        const own = this.#strategy(objectOf(given, what, ["mode", "pattern", "enforce"]), what);
        if (!own) throw new Error(`mode or pattern must be specified for ${what}`);
        this.#byType.set(type, own);
      }
    }
  }

  #strategy(section: Readonly<Record<string, unknown>>, what: string): Strategy | undefined {
    const { mode, pattern, enforce } = section;
    if (mode !== undefined && (pattern !== undefined || enforce !== undefined)) throw new Error(`${what}: cannot specify both mode and pattern/enforce`);
    if (pattern === undefined && enforce !== undefined) throw new Error(`${what}: pattern must be specified when enforce is true`);
    if (pattern !== undefined) {
      if (typeof pattern !== "string") throw new Error(`${what}: pattern must be a string`);
      if (enforce !== undefined && typeof enforce !== "boolean") throw new Error(`${what}: enforce must be true or false`);
      return patternStrategy(this.#resolve(pattern), enforce === true);
    }
    switch (mode) {
      case undefined:
        return undefined;
      case "default":
        return () => undefined;
      case "verbatim":
        return (urn) => ({ options: { proposedName: parseUrn(urn).name, mode: "enforce" }, isFixed: true, isDemanded: false });
      case "disabled":
        return () => ({ options: { proposedName: "", mode: "disable" }, isFixed: true, isDemanded: false });
      default:
        throw new Error(`${what}: invalid naming mode: ${String(mode)}`);
    }
  }

  /** Fills in what doesn't depend on the resource. */
  #resolve(pattern: string): string {
    const { organization, project, stack, config } = this.#request;
    return pattern
      .replaceAll(/\$\{organization\}/g, () => organization)
      .replaceAll(/\$\{project\}/g, () => project)
      .replaceAll(/\$\{stack\}/g, () => stack)
      .replaceAll(/\$\{config\.([^}]+)\}/g, (_, key: string) => {
        const value = config[`${project}:${key}`];
        if (value === undefined) throw new Error(`no value found for key "${key}"`);
        return value;
      });
  }
}

const lowercase = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const alphabets: Readonly<Record<string, string>> = { hex: `${digits}abcdef`, alphanum: lowercase + digits, string: lowercase, num: digits };

function patternStrategy(pattern: string, enforce: boolean): Strategy {
  return (urn, seed) => {
    const named = pattern.replaceAll(/\$\{name\}/g, () => parseUrn(urn).name);
    const random = randomNumbers(seed);
    const uuid = uuidOf(random);
    const proposedName = named
      .replaceAll(/\$\{(hex|alphanum|string|num)\((\d+)\)\}/g, (_, kind: string, length: string) => {
        const letters = alphabets[kind]!;
        return Array.from({ length: Number(length) }, () => letters[random(letters.length)]).join("");
      })
      .replaceAll(/\$\{uuid\}/g, () => uuid);
    return { options: { proposedName, mode: enforce ? "enforce" : "propose" }, isFixed: proposedName === named, isDemanded: enforce };
  };
}

/** Numbers below a limit of at most 65536, the same for the same seed. */
function randomNumbers(seed: Uint8Array): (limit: number) => number {
  let count = 0;
  return (limit) => createHash("sha256").update(seed).update(String(count++)).digest().readUInt32BE() % limit;
}

function uuidOf(random: (limit: number) => number): string {
  const text = Buffer.from(Array.from({ length: 16 }, () => random(256))).toString("hex");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function parse(setting: string): unknown {
  try {
    return JSON.parse(setting);
  } catch (error) {
    throw new Error(`${autonamingKey} must be an object`, { cause: error });
  }
}

function objectOf(value: unknown, what: string, keys?: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} must be an object`);
  const strange = keys && Object.keys(value).find((key) => !keys.includes(key));
  if (strange !== undefined) throw new Error(`${what}: unknown field "${strange}"`);
  return value as Readonly<Record<string, unknown>>;
}
