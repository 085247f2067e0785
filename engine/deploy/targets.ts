import type { Urn } from "#core/urn.ts";

/** Chosen resources: URNs, and globs where `*` stays within a `:` segment and `**` doesn't. Mirrors `UrnTargets` of pulumi/pulumi:pkg/resource/deploy/deployment.go (v3.259.0). */
export class Targets {
  readonly #literals: Set<string>;
  readonly #globs: readonly RegExp[];
  readonly constrained: boolean;

  constructor(urnsOrGlobs: readonly string[]) {
    this.#literals = new Set(urnsOrGlobs.filter((text) => !text.includes("*")));
    this.#globs = urnsOrGlobs.filter((text) => text.includes("*")).map(compile);
    this.constrained = urnsOrGlobs.length > 0;
  }

  /** Whether the URN is chosen; without any targets every one is. */
  contains(urn: string): boolean {
    return !this.constrained || this.#literals.has(urn) || this.#globs.some((glob) => glob.test(urn));
  }

  /** Chooses one more; has no effect where everything is chosen. */
  add(urn: Urn): void {
    if (this.constrained) this.#literals.add(urn);
  }

  literals(): readonly string[] {
    return [...this.#literals];
  }
}

function compile(glob: string): RegExp {
  const quoted = glob.split("**").map((part) =>
    part
      .split("*")
      .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
      .join("[^:]*"),
  );
  return new RegExp(`^${quoted.join(".*")}$`, "s");
}
