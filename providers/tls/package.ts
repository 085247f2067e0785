import { type Clock, systemClock } from "#core/clock.ts";
import { BridgedProvider } from "#providers/bridged/bridged-provider.ts";
import { sdkVersion } from "#providers/bridged/sdk-version.ts";
import type { ProviderPackage } from "#providers/contract.ts";
import { certRequest } from "#providers/tls/cert-request.ts";
import { getCertificate } from "#providers/tls/get-certificate.ts";
import { getPublicKey } from "#providers/tls/get-public-key.ts";
import { locallySignedCert } from "#providers/tls/locally-signed-cert.ts";
import { privateKey } from "#providers/tls/private-key.ts";
import { configFaults, proxyEnvironment, proxySettings, secretConfigKeys } from "#providers/tls/provider-config.ts";
import { selfSignedCert } from "#providers/tls/self-signed-cert.ts";

export interface TlsOptions {
  /** @default the machine's */
  readonly clock?: Clock;
  /** Where the proxy for HTTPS is looked up: HTTPS_PROXY and NO_PROXY. @default empty */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The resources and functions of `@pulumi/tls`, in the version that is installed. */
export function tlsPackage({ clock = systemClock, environment = {} }: TlsOptions = {}): ProviderPackage {
  return {
    name: "tls",
    version: sdkVersion("@pulumi/tls"),
    open: (host) =>
      new BridgedProvider(
        {
          name: "tls",
          kinds: [privateKey, certRequest, selfSignedCert(clock), locallySignedCert(clock)],
          functions: {
            "tls:index/getPublicKey:getPublicKey": getPublicKey,
            "tls:index/getCertificate:getCertificate": (args, { config, signal }) =>
              getCertificate(args, { signal, proxy: proxyEnvironment(proxySettings(config), environment) }),
          },
          checkConfig: configFaults,
          secretConfig: secretConfigKeys,
        },
        host,
      ),
  };
}
