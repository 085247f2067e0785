import type { Severity } from "#core/operation.ts";
import type { Urn } from "#core/urn.ts";
import type { EngineEventBody } from "#engine/deploy/deployment.ts";

const colours: Readonly<Record<Severity, string>> = { debug: "<{%fg 8%}>", info: "", warning: "<{%fg 3%}>", error: "<{%fg 1%}>" };
const reset = "<{%reset%}>";

/** Tells people what happens, as diagnostic events. Mirrors pulumi/pulumi:pkg/engine/eventsink.go (v3.259.0). */
export class Diagnostics {
  readonly #emit: (event: EngineEventBody) => void;
  constructor(emit: (event: EngineEventBody) => void) {
    this.#emit = emit;
  }

  error(urn: Urn | undefined, message: string): void {
    this.log("error", message, { urn });
  }

  warning(urn: Urn | undefined, message: string): void {
    this.log("warning", message, { urn });
  }

  info(urn: Urn | undefined, message: string): void {
    this.log("info", message, { urn });
  }

  /** Debug messages are dropped: the SDK writes one for every registration. */
  log(severity: Severity, message: string, options: { readonly urn?: Urn | undefined; readonly ephemeral?: boolean } = {}): void {
    if (severity === "debug") return;
    this.#emit({
      diagnosticEvent: {
        ...(options.urn ? { urn: options.urn } : {}),
        ...(severity === "info" ? {} : { prefix: `${colours[severity]}${severity}: ${reset}` }),
        message: `${reset}${message}${reset}\n`,
        color: "raw",
        severity,
        ...(options.ephemeral ? { ephemeral: true } : {}),
      },
    });
  }
}
