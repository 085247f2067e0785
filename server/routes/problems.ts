import { Type } from "typebox";
import { type ErrorCode, type ErrorKind, errorCatalogue } from "#core/error-catalogue.ts";
import { StrataError } from "#core/errors.ts";
import type { App } from "#server/app-type.ts";

const blames: Readonly<Record<ErrorKind["blame"], string>> = {
  caller: "whoever asked: change the request",
  strata: "Strata itself: report it, with the request id",
  provider: "what the layer talks to: see the layer's own messages",
  cluster: "the Kubernetes cluster",
  machine: "the machine that the controller runs on",
};

/** The pages that the `type` of a problem document points to; open to everybody. */
export function problemRoutes(app: App): void {
  app.get("/problems", { schema: { hide: true } }, async (_request, reply) => reply.type("text/html; charset=utf-8").send(index()));

  app.get("/problems/:kind", { schema: { hide: true, params: Type.Object({ kind: Type.String() }) } }, async (request, reply) => {
    const code = request.params.kind.replaceAll("-", "_");
    if (!(code in errorCatalogue))
      throw new StrataError("not_found", `There is no kind of problem '${request.params.kind.slice(0, 80)}'. /problems lists all.`);
    return reply.type("text/html; charset=utf-8").send(describe(code as ErrorCode));
  });
}

function index(): string {
  const items = Object.entries(errorCatalogue).map(
    ([code, { title }]) => `<li><a href="/problems/${slug(code)}"><code>${code}</code></a>: ${escapeHtml(title)}</li>`,
  );
  return html("Problems", `<ul>${items.join("")}</ul>`);
}

function describe(code: ErrorCode): string {
  const { title, status, blame, retryable } = errorCatalogue[code];
  const facts: [string, string][] = [
    ["Code", `<code>${code}</code>`],
    ["HTTP status", String(status)],
    ["Who can mend it", escapeHtml(blames[blame])],
    ["Worth repeating unchanged", retryable ? "yes, later" : "no"],
  ];
  const rows = facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("");
  return html(
    title,
    `<dl>${rows}</dl><p>The <code>detail</code> of the answer names the value, its place and the remedy. <a href="/problems">All problems</a></p>`,
  );
}

function html(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)} · Strata</title><h1>${escapeHtml(title)}</h1>${body}</html>`;
}

function slug(code: string): string {
  return code.replaceAll("_", "-");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
