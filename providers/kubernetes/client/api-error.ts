import { isPropertyMap, type PropertyValue } from "#core/property-value.ts";
import { listAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** The API server's refusal; the message is the server's own. */
export class ApiError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** The API's reason, e.g. `AlreadyExists`. */
  readonly reason: string;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;
  /** The answer's body. */
  readonly body: PropertyValue;
  constructor(status: number, body: PropertyValue, fallback: string, retryAfter?: number) {
    super(textAt(body, "message") || fallback);
    this.name = "ApiError";
    this.status = status;
    this.reason = textAt(body, "reason");
    this.body = isPropertyMap(body) ? body : {};
    this.retryAfter = retryAfter;
  }

  /** What the answer says about single fields. */
  get causes(): readonly { reason: string; field: string }[] {
    return listAt(this.body, "details", "causes").map((cause) => ({ reason: textAt(cause, "reason"), field: textAt(cause, "field") }));
  }
}

/** The server serves no resource of this kind. Worded as kubernetes/apimachinery:pkg/api/meta/errors.go `NoKindMatchError`. */
export class NoMatchError extends Error {
  constructor(kind: string, group: string, version: string) {
    super(`no matches for kind "${kind}" in version "${group ? `${group}/${version}` : version}"`);
    this.name = "NoMatchError";
  }
}

export const isNotFound = (error: unknown): error is ApiError => error instanceof ApiError && error.status === 404;
export const isAlreadyExists = (error: unknown): error is ApiError => error instanceof ApiError && error.status === 409 && error.reason === "AlreadyExists";
export const isConflict = (error: unknown): error is ApiError => error instanceof ApiError && error.status === 409 && error.reason === "Conflict";
export const isForbidden = (error: unknown): error is ApiError => error instanceof ApiError && error.status === 403;
export const isInvalid = (error: unknown): error is ApiError => error instanceof ApiError && error.status === 422;
export const isGone = (error: unknown): error is ApiError => error instanceof ApiError && (error.status === 410 || error.reason === "Expired");

/** Whether what wasn't found is the namespace that the object should live in. */
export function isNamespaceNotFound(error: unknown): boolean {
  return isNotFound(error) && textAt(error.body, "details", "kind") === "namespaces";
}
