import type { Endpoint } from "#cli/http/endpoint.ts";
import { type ErrorCode, errorCatalogue } from "#core/error-catalogue.ts";
import { fromProblem, messageOf, type Problem, StrataError } from "#core/errors.ts";

export interface JsonRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface JsonAnswer<T> {
  readonly body: T;
  readonly etag?: string;
}

const answerMillis = 60_000;

/** Sends JSON requests to one controller. */
export class JsonClient {
  readonly endpoint: Endpoint;
  readonly #signal: AbortSignal;

  /** @param signal gives up whatever is under way */
  constructor(endpoint: Endpoint, signal: AbortSignal) {
    this.endpoint = endpoint;
    this.#signal = signal;
  }

  /** The answer's body. Throws what a problem document describes, or `controller_unreachable` when there is no answer. */
  async send<T>(path: string, request: JsonRequest = {}): Promise<JsonAnswer<T>> {
    const response = await this.open(path, request, AbortSignal.any([this.#signal, AbortSignal.timeout(answerMillis)]));
    const text = await readText(response, this.endpoint);
    const body = text === "" ? undefined : parseJson(text, `${request.method ?? "GET"} ${path}`);
    const etag = response.headers.get("etag");
    return { body: body as T, ...(etag ? { etag } : {}) };
  }

  /** The response once its status says that it is good; the caller reads the body. */
  async open(path: string, request: JsonRequest, signal: AbortSignal): Promise<Response> {
    const method = request.method ?? "GET";
    const response = await fetch(this.endpoint.baseUrl + path, {
      method,
      redirect: "error",
      signal,
      headers: {
        accept: "application/json",
        ...(this.endpoint.token ? { authorization: `Bearer ${this.endpoint.token}` } : {}),
        ...(request.body === undefined ? {} : { "content-type": "application/json" }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    }).catch((error: unknown) => {
      throw this.#signal.aborted ? error : unreachable(this.endpoint, error);
    });
    if (response.ok) return response;
    throw await refusal(response, `${method} ${path}`, this.endpoint);
  }
}

/** The error for a controller that gave no answer. */
export function unreachable(endpoint: Endpoint, cause: unknown): StrataError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? messageOf(cause.cause) || cause.cause.name : messageOf(cause);
  return new StrataError("controller_unreachable", `The controller at ${endpoint.baseUrl} gave no answer: ${reason}.`, { cause });
}

async function readText(response: Response, endpoint: Endpoint): Promise<string> {
  return await response.text().catch((error: unknown) => {
    throw unreachable(endpoint, error);
  });
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StrataError("internal", `The answer to ${what} isn't JSON: ${text.slice(0, 200)}. Is this address a Strata controller's?`, { cause });
  }
}

async function refusal(response: Response, what: string, endpoint: Endpoint): Promise<StrataError> {
  const text = await readText(response, endpoint);
  const problem = readProblem(text);
  if (problem) return fromProblem(problem);
  const code = ([502, 503, 504] as number[]).includes(response.status) ? "controller_unreachable" : codeOfStatus(response.status);
  return new StrataError(
    code,
    `${endpoint.baseUrl} answered ${response.status} ${response.statusText} to ${what} without a problem document. Is this address a Strata controller's?`,
  );
}

function readProblem(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isProblem(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === "object" && value !== null && "code" in value && typeof value.code === "string" && "detail" in value && typeof value.detail === "string"
  );
}

function codeOfStatus(status: number): ErrorCode {
  if (status < 400 || status >= 500) return "internal";
  const match = (Object.entries(errorCatalogue) as [ErrorCode, { status: number }][]).find(([, kind]) => kind.status === status);
  return match?.[0] ?? "invalid_request";
}
