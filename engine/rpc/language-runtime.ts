import grpc from "@grpc/grpc-js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import { BailError } from "#engine/deploy/bail-error.ts";
import type { DeploymentRequest } from "#engine/deploy/deployment.ts";
import { channelOptions } from "#engine/rpc/loopback-server.ts";
import { call } from "#engine/rpc/unary-call.ts";

/** Has the language runtime run the program; resolves when the program ended well. */
export async function runProgram(address: string, request: DeploymentRequest, addresses: { readonly engine: string; readonly monitor: string }): Promise<void> {
  const client = new languageGrpc.LanguageRuntimeClient(address, grpc.credentials.createInsecure() as never, channelOptions);
  const run = new languagePb.RunRequest();
  run.setProject(request.project);
  run.setStack(request.stack);
  run.setOrganization(request.organization);
  run.setPwd(request.programFolder);
  run.setProgram(".");
  // The only way that the SDK learns where the Engine service is.
  run.setArgsList([addresses.engine]);
  run.setMonitorAddress(addresses.monitor);
  run.setDryrun(request.dryRun);
  run.setParallel(request.parallel);
  for (const [key, value] of Object.entries(request.config)) run.getConfigMap().set(key, value);
  run.setConfigsecretkeysList([...request.configSecretKeys]);
  try {
    const response = await call<languagePb.RunResponse>((done) => client.run(run, done as never));
    if (response.getBail()) throw new BailError("the program reported its failure");
    if (response.getError()) throw new Error(`an unhandled error occurred: ${response.getError()}`);
  } catch (error) {
    throw isServiceError(error) ? new Error(error.details || error.message, { cause: error }) : error;
  } finally {
    client.close();
  }
}

function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && "details" in error && "code" in error;
}
