import grpc from "@grpc/grpc-js";

/** What the protocols allow for one message. */
export const maxMessageBytes = 400 * 1024 * 1024;
export const channelOptions = { "grpc.max_receive_message_length": maxMessageBytes, "grpc.max_send_message_length": maxMessageBytes };

/** A gRPC server on a free port of 127.0.0.1. */
export class LoopbackServer {
  readonly address: string;
  readonly #server: grpc.Server;

  private constructor(server: grpc.Server, port: number) {
    this.#server = server;
    this.address = `127.0.0.1:${port}`;
  }

  static async start(definition: grpc.ServiceDefinition, implementation: grpc.UntypedServiceImplementation): Promise<LoopbackServer> {
    const server = new grpc.Server(channelOptions);
    server.addService(definition, implementation);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    return new LoopbackServer(server, port);
  }

  /** Ends every call and gives the port back. */
  stop(): void {
    this.#server.forceShutdown();
  }
}
