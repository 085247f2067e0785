import { type ErrorKind, errorCatalogue } from "#core/error-catalogue.ts";

/** `docs/reference/errors.md`, made from the catalogue. */
export function errorReference(): string {
  const rows = Object.entries<ErrorKind>(errorCatalogue).map(
    ([code, { title, status, blame, retryable }]) => `| \`${code}\` | ${status} | ${title} | ${blame} | ${retryable ? "yes" : "no"} |`,
  );
  return `# Errors

Every refusal of the HTTP service is a problem document (RFC 9457), every error of the command line has the same code. \`detail\` says what happened this
time: the value, its place and the remedy. An operation that was accepted and failed later carries such a document in its result.

| code | HTTP status | title | who can mend it | worth repeating unchanged |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}
