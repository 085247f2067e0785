/** A command of ours as the user has to type it here: `strata` may not be on the PATH. */
export function typedCommand(command: string, invocation: string): string {
  return command.replace(/(^|, or )strata /g, `$1${invocation} `);
}
