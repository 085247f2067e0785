import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { ExtendedKeyUsage, Extension, id_ce_extKeyUsage, id_ce_keyUsage, KeyUsage, KeyUsageFlags } from "@peculiar/asn1-x509";

const keyUsages: Readonly<Record<string, KeyUsageFlags>> = {
  digital_signature: KeyUsageFlags.digitalSignature,
  content_commitment: KeyUsageFlags.nonRepudiation,
  key_encipherment: KeyUsageFlags.keyEncipherment,
  data_encipherment: KeyUsageFlags.dataEncipherment,
  key_agreement: KeyUsageFlags.keyAgreement,
  cert_signing: KeyUsageFlags.keyCertSign,
  crl_signing: KeyUsageFlags.cRLSign,
  encipher_only: KeyUsageFlags.encipherOnly,
  decipher_only: KeyUsageFlags.decipherOnly,
};

const extendedKeyUsages: Readonly<Record<string, string>> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};

/** Every word that `allowedUses` may hold, sorted. */
export const allowedUseNames: readonly string[] = [...Object.keys(keyUsages), ...Object.keys(extendedKeyUsages)].sort();

/** The extensions for a list of uses: key usage (critical) where it has any, then extended key usage in the order given. */
export function keyUsageExtensions(uses: readonly string[]): Extension[] {
  const flags = uses.reduce((sum, use) => sum | (keyUsages[use] ?? 0), 0);
  const purposes = uses.flatMap((use) => extendedKeyUsages[use] ?? []);
  return [
    ...(flags ? [new Extension({ extnID: id_ce_keyUsage, critical: true, extnValue: new OctetString(keyUsageBits(flags)) })] : []),
    ...(purposes.length
      ? [new Extension({ extnID: id_ce_extKeyUsage, extnValue: new OctetString(AsnConvert.serialize(new ExtendedKeyUsage(purposes))) })]
      : []),
  ];
}

function keyUsageBits(flags: number): ArrayBuffer {
  const usage = new KeyUsage();
  usage.fromNumber(flags);
  return AsnConvert.serialize(usage);
}
