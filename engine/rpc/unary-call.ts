import type grpc from "@grpc/grpc-js";

/** A client's unary method as a promise. */
export async function call<Response>(start: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown): Promise<Response> {
  return await new Promise<Response>((resolve, reject) => start((error, response) => (error ? reject(error) : resolve(response))));
}
