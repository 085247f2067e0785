/** Exit codes of the CLI. Mirrors pulumi/pulumi:pkg/cmd/pulumi/cmd/exit_codes.go (v3.259.0). */
export const exitCodes = {
  ok: 0,
  failed: 1,
  badInvocation: 2,
  stackNotFound: 6,
  changesNotExpected: 7,
  cancelled: 8,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command. The message goes to stderr as `error: MESSAGE`; an empty one means that everything was said already. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandFailure";
    this.exitCode = exitCode;
  }
}
