import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import semver from "semver";
import type { Severity } from "#core/operation.ts";
import { isUrn } from "#core/urn.ts";
import type { Diagnostics } from "#engine/deploy/diagnostics.ts";
import { LoopbackServer } from "#engine/rpc/loopback-server.ts";
import { unary } from "#engine/rpc/unary-handler.ts";

/** Serves the Engine service, by which programs log; `version` is the Pulumi version whose behaviour this engine has. */
export async function startEngineService(diagnostics: Diagnostics, version: string): Promise<LoopbackServer> {
  let rootUrn = "";
  const severities: Readonly<Record<number, Severity>> = {
    [enginePb.LogSeverity.DEBUG]: "debug",
    [enginePb.LogSeverity.INFO]: "info",
    [enginePb.LogSeverity.WARNING]: "warning",
    [enginePb.LogSeverity.ERROR]: "error",
  };
  return await LoopbackServer.start(engineGrpc.EngineService as never, {
    log: unary(async (request: enginePb.LogRequest) => {
      const urn = request.getUrn();
      const severity = severities[request.getSeverity()] ?? "info";
      diagnostics.log(severity, request.getMessage(), { ...(isUrn(urn) ? { urn } : {}), ephemeral: request.getEphemeral() });
      return new emptyPb.Empty();
    }),
    getRootResource: unary(async () => {
      const response = new enginePb.GetRootResourceResponse();
      response.setUrn(rootUrn);
      return response;
    }),
    setRootResource: unary(async (request: enginePb.SetRootResourceRequest) => {
      rootUrn = request.getUrn();
      return new enginePb.SetRootResourceResponse();
    }),
    startDebugging: unary(async () => new emptyPb.Empty()),
    requirePulumiVersion: unary(async (request: enginePb.RequirePulumiVersionRequest) => {
      const range = request.getPulumiVersionRange();
      if (!semver.validRange(range)) throw new TypeError(`'${range}' is not a valid version range`);
      if (!semver.satisfies(version, range, { includePrerelease: true }))
        throw new Error(`Pulumi CLI version ${version} does not satisfy the version range "${range}"`);
      return new enginePb.RequirePulumiVersionResponse();
    }),
  });
}
