import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { DoctorCheck } from "#cli/ports.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import type { Paint } from "#cli/render/paint.ts";

/** `strata doctor`. */
export async function doctor({ session }: Invocation): Promise<ExitCodeName> {
  const report = await session.ports.doctor();
  if (session.json) session.terminal.json(report);
  else session.terminal.print(report.checks.flatMap((check) => checkLines(check, session.terminal.paint)));
  return report.checks.some(({ state }) => state === "problem") ? "failed" : "ok";
}

function checkLines({ name, state, detail, remedy }: DoctorCheck, paint: Paint): string[] {
  const mark = { ok: paint.good("ok     "), warning: paint.warn("warning"), problem: paint.bad("problem") }[state];
  return [`${mark}  ${paint.bold(name)}: ${detail}`, ...(remedy ? [`         ${remedy}`] : [])];
}
