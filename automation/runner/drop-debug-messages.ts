import log from "@pulumi/pulumi/log/index.js";
import resourcePb from "@pulumi/pulumi/proto/resource_pb.js";

/**
 * Keeps the SDK in this process from sending debug messages. It writes several for every registration, each a remote call with the whole answer as text, and no
 * engine shows them unless asked to by `--debug`, which no stack action does. Without them a registration costs about two thirds.
 */
export function dropDebugMessages(): void {
  (log as { debug: typeof log.debug }).debug = () => Promise.resolve();
  resourcePb.RegisterResourceResponse.prototype.toString = () => "RegisterResourceResponse";
}
