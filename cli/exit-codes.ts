/** What the process answers when it ends; `strata <verb> --help` and the reference print this table. */
export const exitCodes = {
  ok: { code: 0, meaning: "done; for an operation: it succeeded" },
  failed: { code: 1, meaning: "the operation failed, or the controller or this machine couldn't do it" },
  usage: { code: 2, meaning: "wrong usage, or the controller refused the request (HTTP 4xx)" },
  unreachable: { code: 3, meaning: "no controller answers" },
  cancelled: { code: 4, meaning: "the operation was cancelled" },
  interrupted: { code: 130, meaning: "left by Ctrl-C; an operation that was already accepted goes on" },
} as const;

export type ExitCodeName = keyof typeof exitCodes;
