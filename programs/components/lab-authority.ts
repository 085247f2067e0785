import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { CertRequest, LocallySignedCert, PrivateKey, SelfSignedCert } from "@pulumi/tls";
import { componentType } from "#programs/component-type.ts";

export interface LabAuthorityArgs {
  /** Names the authority, e.g. the lab's domain. */
  readonly domain: string;
}

/** A key and the certificate for it, PEM. */
export interface KeyPair {
  readonly certificate: Output<string>;
  /** Secret. */
  readonly key: Output<string>;
}

const years = (count: number) => count * 365 * 24;

/**
 * A certificate authority of the lab's own, valid for ten years. Whoever trusts its certificate trusts every host of the lab.
 *
 * @example
 * const authority = new LabAuthority("lab-ca", { domain: "lab.local" });
 * const { certificate, key } = authority.issue("argocd", "argocd.lab.local");
 */
export class LabAuthority extends ComponentResource {
  readonly certificate: Output<string>;
  readonly key: Output<string>;

  constructor(name: string, { domain }: LabAuthorityArgs, options?: ComponentResourceOptions) {
    super(componentType("LabAuthority"), name, {}, options);
    const key = new PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent: this });
    const certificate = new SelfSignedCert(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: `${domain} authority`, organization: "Strata" },
        isCaCertificate: true,
        setSubjectKeyId: true,
        allowedUses: ["cert_signing", "crl_signing"],
        validityPeriodHours: years(10),
        earlyRenewalHours: years(1),
      },
      { parent: this },
    );
    this.key = key.privateKeyPem;
    this.certificate = certificate.certPem;
    this.registerOutputs({ certificate: this.certificate });
  }

  /** A leaf certificate for one host, valid for two years, renewed by an `up` in its last month. */
  issue(name: string, host: string): KeyPair {
    const own = { parent: this };
    const key = new PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, own);
    const request = new CertRequest(name, { privateKeyPem: key.privateKeyPem, subject: { commonName: host, organization: "Strata" }, dnsNames: [host] }, own);
    const certificate = new LocallySignedCert(
      name,
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: this.key,
        caCertPem: this.certificate,
        allowedUses: ["digital_signature", "server_auth"],
        validityPeriodHours: years(2),
        earlyRenewalHours: 30 * 24,
      },
      own,
    );
    return { certificate: certificate.certPem, key: key.privateKeyPem };
  }
}
