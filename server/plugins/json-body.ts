import type { FastifyInstance, FastifyRequest } from "fastify";
import { messageOf, StrataError } from "#core/errors.ts";

/** Takes JSON bodies only. A broken one is answered with the line and column of the fault; an empty one counts as none. */
export function addJsonBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, async (_request: FastifyRequest, text: string) =>
    text.trim() === "" ? undefined : parseJson(text),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, refuseProto);
  } catch (error) {
    if (error instanceof StrataError) throw error;
    const { line, column } = placeOf(messageOf(error), text);
    const said = messageOf(error)
      .replace(/ (?:in JSON )?at position \d+.*$/s, "")
      .replace(/, ".*" is not valid JSON$/s, "");
    throw new StrataError("invalid_request", `The body isn't JSON at line ${line}, column ${column}: ${said}.`, { facts: { line, column } });
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new StrataError("invalid_request", "The body has a field named '__proto__', which isn't allowed. Leave it out.");
  return value;
}

/** V8 names the position of most faults; the others are about the end of the text or its first strange character. */
function placeOf(message: string, text: string): { line: number; column: number } {
  const position = /at position (\d+)/.exec(message)?.[1];
  const token = /^Unexpected token '(.)'/su.exec(message)?.[1];
  const offset = position !== undefined ? Number(position) : token !== undefined ? Math.max(text.indexOf(token), 0) : text.length;
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
