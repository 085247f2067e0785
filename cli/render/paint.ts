import pc from "picocolors";

/** Colours and emphasis by meaning; each is the identity where colour is off. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly accent: (text: string) => string;
}

/** @param enabled whether the output understands colour codes */
export function makePaint(enabled: boolean): Paint {
  const colors = pc.createColors(enabled);
  return { bold: colors.bold, dim: colors.dim, good: colors.green, bad: colors.red, warn: colors.yellow, accent: colors.cyan };
}

/** Whether to colour: `--no-color` and NO_COLOR switch it off, FORCE_COLOR on, otherwise only a terminal gets it. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTTY: boolean, noColor: boolean): boolean {
  if (noColor || env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"] && env["FORCE_COLOR"] !== "0") return true;
  return isTTY && env["TERM"] !== "dumb";
}
