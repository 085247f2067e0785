import grpc from "@grpc/grpc-js";
import { messageOf } from "#core/errors.ts";
import { MonitorClosedError } from "#engine/deploy/monitor-closed-error.ts";

/** A unary method from a function: what it throws becomes a gRPC status. */
export function unary<Request, Response>(answer: (request: Request, metadata: grpc.Metadata) => Promise<Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    answer(call.request, call.metadata).then(
      (response) => callback(null, response),
      (error) => callback({ code: codeOf(error), details: messageOf(error) }),
    );
  };
}

function codeOf(error: unknown): grpc.status {
  if (error instanceof MonitorClosedError) return grpc.status.UNAVAILABLE;
  return error instanceof TypeError ? grpc.status.INVALID_ARGUMENT : grpc.status.UNKNOWN;
}
