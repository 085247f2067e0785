import type { ControllerFile } from "#cli/ports.ts";

/** A controller that can be talked to. */
export interface Endpoint {
  /** Origin without a trailing slash, e.g. `http://127.0.0.1:7700`. */
  readonly baseUrl: string;
  readonly token?: string;
  /** What its data folder says of it; absent for one that was named by its address. */
  readonly local?: ControllerFile;
}
