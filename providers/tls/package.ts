import { type Clock, systemClock } from "#core/clock.ts";
import { BridgedProvider } from "#providers/bridged/bridged-provider.ts";
import { sdkVersion } from "#providers/bridged/sdk-version.ts";
import type { ProviderPackage } from "#providers/contract.ts";
import { certRequest } from "#providers/tls/cert-request.ts";
import { getPublicKey } from "#providers/tls/get-public-key.ts";
import { locallySignedCert } from "#providers/tls/locally-signed-cert.ts";
import { privateKey } from "#providers/tls/private-key.ts";
import { selfSignedCert } from "#providers/tls/self-signed-cert.ts";

/** The resources and functions of `@pulumi/tls`, in the version that is installed. */
export function tlsPackage({ clock = systemClock }: { readonly clock?: Clock } = {}): ProviderPackage {
  return {
    name: "tls",
    version: sdkVersion("@pulumi/tls"),
    open: (host) =>
      new BridgedProvider(
        {
          name: "tls",
          kinds: [privateKey, certRequest, selfSignedCert(clock), locallySignedCert(clock)],
          functions: { "tls:index/getPublicKey:getPublicKey": getPublicKey },
        },
        host,
      ),
  };
}
