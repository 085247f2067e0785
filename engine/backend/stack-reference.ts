import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";

/** A stack of the file backend; its organization is always `organization`. */
export interface StackReference {
  readonly project: string;
  /** Unqualified. */
  readonly stack: string;
}

export const organization = "organization";
const legalStackName = /^[a-zA-Z0-9_.-]{1,100}$/;
const legalProjectName = /^[a-zA-Z0-9_.-]{1,100}$/;

/** Parses `STACK`, `organization/STACK` or `organization/PROJECT/STACK`; the first two need the current project's name. */
export function parseStackReference(text: string, currentProject: string | undefined): StackReference {
  if (text === "") throw new CommandFailure(phrases.emptyStackName);
  const parts = text.split("/");
  if (parts.length > 3) throw new CommandFailure(phrases.illegalStackName(text));
  const stack = parts.at(-1)!;
  if (parts.length > 1 && parts[0] !== organization) throw new CommandFailure(phrases.wrongOrganization);
  const project = parts.length === 3 ? parts[1]! : currentProject;
  if (project === undefined) throw new CommandFailure(phrases.noProject);
  if (!legalProjectName.test(project) || !legalStackName.test(stack) || stack === "." || stack === "..")
    throw new CommandFailure(phrases.illegalStackName(text));
  return { project, stack };
}

/** `organization/PROJECT/STACK`. */
export function qualifiedName(reference: StackReference): string {
  return `${organization}/${reference.project}/${reference.stack}`;
}

/** As people see it: unqualified within its own project. */
export function displayName(reference: StackReference, currentProject: string | undefined): string {
  return reference.project === currentProject ? reference.stack : qualifiedName(reference);
}

export function isLegalStackName(name: string): boolean {
  return legalStackName.test(name) && name !== "." && name !== "..";
}
