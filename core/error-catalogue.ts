export interface ErrorKind {
  /** Fixed sentence for this kind of error. */
  readonly title: string;
  /** HTTP status when it is the answer to a request. */
  readonly status: number;
  /** Who can mend it. */
  readonly blame: "caller" | "strata" | "provider" | "cluster" | "machine";
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
}

/** Every error that Strata can answer with; the key is the code. `docs/reference/errors.md` is generated from it. */
export const errorCatalogue = {
  // The request
  invalid_request: { title: "The request doesn't have the required form", status: 400, blame: "caller", retryable: false },
  body_too_large: { title: "The request body is too large", status: 413, blame: "caller", retryable: false },
  unsupported_media_type: { title: "The request body isn't JSON", status: 415, blame: "caller", retryable: false },
  unauthorized: { title: "A valid token is needed", status: 401, blame: "caller", retryable: false },
  forbidden: { title: "The token doesn't allow this", status: 403, blame: "caller", retryable: false },
  not_found: { title: "There is nothing at this address", status: 404, blame: "caller", retryable: false },
  method_not_allowed: { title: "This address doesn't take that method", status: 405, blame: "caller", retryable: false },
  untrusted_origin: { title: "The request names a host or origin that isn't trusted", status: 403, blame: "caller", retryable: false },
  rate_limited: { title: "Too many requests", status: 429, blame: "caller", retryable: true },
  stale_etag: { title: "The record was changed by somebody else", status: 412, blame: "caller", retryable: false },
  idempotency_conflict: { title: "The idempotency key was used for another request", status: 422, blame: "caller", retryable: false },
  invalid_name: { title: "The name has characters that aren't allowed", status: 422, blame: "caller", retryable: false },
  // The catalogue
  unknown_system: { title: "There is no such system", status: 404, blame: "caller", retryable: false },
  unknown_environment: { title: "There is no such environment", status: 404, blame: "caller", retryable: false },
  unknown_scenario: { title: "The system has no such scenario", status: 422, blame: "caller", retryable: false },
  unknown_layer: { title: "The scenario has no such layer", status: 422, blame: "caller", retryable: false },
  unknown_field: { title: "There is no such field", status: 422, blame: "caller", retryable: false },
  invalid_config: { title: "A configuration file or value is wrong", status: 422, blame: "caller", retryable: false },
  over_budget: { title: "The scenario needs more memory than the environment has", status: 422, blame: "caller", retryable: false },
  // Operations
  unknown_operation: { title: "There is no such operation", status: 404, blame: "caller", retryable: false },
  unknown_schedule: { title: "There is no such schedule", status: 404, blame: "caller", retryable: false },
  invalid_schedule: { title: "The schedule can't be understood", status: 422, blame: "caller", retryable: false },
  operation_running: { title: "Another operation runs in this environment", status: 409, blame: "caller", retryable: true },
  operation_finished: { title: "The operation is over", status: 409, blame: "caller", retryable: false },
  operation_cancelled: { title: "The operation was cancelled", status: 409, blame: "caller", retryable: false },
  operation_interrupted: { title: "The controller stopped while the operation ran", status: 500, blame: "strata", retryable: true },
  layer_failed: { title: "A layer failed", status: 500, blame: "provider", retryable: true },
  layer_skipped: { title: "A layer was left out because one it needs failed", status: 424, blame: "provider", retryable: true },
  // Engine and state
  engine_unavailable: { title: "The chosen engine can't be used on this machine", status: 503, blame: "machine", retryable: false },
  stack_not_found: { title: "There is no such stack", status: 404, blame: "caller", retryable: false },
  stack_locked: { title: "The stack is locked by another process", status: 409, blame: "caller", retryable: true },
  program_failed: { title: "The layer's program failed", status: 500, blame: "strata", retryable: false },
  runner_died: { title: "The process that ran the layer ended unexpectedly", status: 500, blame: "machine", retryable: true },
  passphrase_wrong: { title: "The passphrase doesn't fit the stack's secrets", status: 422, blame: "caller", retryable: false },
  // Machine, tools, clusters
  tool_unavailable: { title: "A needed tool can't be had", status: 503, blame: "machine", retryable: true },
  cluster_unreachable: { title: "The Kubernetes cluster doesn't answer", status: 503, blame: "cluster", retryable: true },
  cluster_failed: { title: "The sandbox cluster couldn't be started", status: 503, blame: "machine", retryable: true },
  chart_unavailable: { title: "A chart can't be had from its source", status: 503, blame: "machine", retryable: true },
  data_folder_unusable: { title: "The data folder can't be used", status: 503, blame: "machine", retryable: false },
  data_folder_in_use: { title: "Another process uses the data folder", status: 503, blame: "machine", retryable: true },
  disk_full: { title: "The disk is full", status: 507, blame: "machine", retryable: true },
  database_unavailable: { title: "The database can't be used", status: 503, blame: "machine", retryable: true },
  port_taken: { title: "The port is taken", status: 503, blame: "machine", retryable: true },
  controller_unreachable: { title: "No controller answers", status: 503, blame: "machine", retryable: true },
  shutting_down: { title: "The controller is stopping", status: 503, blame: "strata", retryable: true },
  internal: { title: "Something went wrong inside Strata", status: 500, blame: "strata", retryable: false },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCatalogue;
