/** What the HTTP service needs of the rest of the controller. */
import type { Catalogue } from "#config/system-definition.ts";
import type { ClusterStatus } from "#core/cluster-status.ts";
import type { Logger } from "#core/logger.ts";
import type { StackReader } from "#core/stack-reader.ts";
import type { Operations } from "#operations/operations.ts";

export interface ServerOptions {
  readonly operations: Operations;
  readonly catalogue: Catalogue;
  readonly stackReader: StackReader;
  readonly clusters: ClusterReader;
  /** What bearers must show. Compared in constant time, never logged. */
  readonly token: string;
  readonly logger: Logger;
  /** Tells this controller from another one on the same port. */
  readonly instanceId: string;
  readonly version: string;
  /** Facts about this controller for its operators. */
  readonly status: () => Promise<ControllerStatus>;
  /** Host names besides loopback ones under which the service may be reached. @default none */
  readonly allowedHosts?: readonly string[];
  /** Requests per minute and client address. @default 1200 */
  readonly requestsPerMinute?: number;
  /** Largest request body. @default 1 MiB */
  readonly bodyLimitBytes?: number;
  /** How often an idle event stream says that it is alive. @default 15000 */
  readonly heartbeatMs?: number;
}

export interface ControllerStatus {
  readonly pid: number;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  /** Which engine runs the stacks, and why that one. */
  readonly engine: { readonly name: string; readonly version: string; readonly reason: string };
  readonly database: "embedded" | "server";
  /** Resident memory of the controller. */
  readonly memoryBytes: number;
}

export interface ClusterReader {
  list(): Promise<readonly ClusterStatus[]>;
}
