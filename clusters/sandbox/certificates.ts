import { createPrivateKey, generateKeyPairSync, randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "./private-file.ts";

/** PEM files of one certificate. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Everything that proves an identity inside a sandbox. */
export interface SandboxCertificates {
  readonly ca: Certificate;
  readonly apiServer: Certificate;
  readonly etcd: Certificate;
  /** API server to etcd. */
  readonly etcdClient: Certificate;
  readonly admin: Certificate;
  readonly supervisor: Certificate;
  readonly controllerManager: Certificate;
  readonly scheduler: Certificate;
  readonly kwok: Certificate;
  /** Signs and verifies service account tokens. */
  readonly serviceAccount: { readonly publicKey: string; readonly key: string };
}

interface LeafPlan {
  readonly commonName: string;
  readonly organization?: string;
  readonly server?: boolean;
  readonly client?: boolean;
}

/** First address of the service network and the names of the API server inside the cluster. */
const serverNames = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];
const serverAddresses = ["127.0.0.1", "10.96.0.1"];

const leaves = {
  apiServer: { commonName: "kube-apiserver", server: true },
  etcd: { commonName: "etcd", server: true, client: true },
  etcdClient: { commonName: "kube-apiserver-etcd-client", client: true },
  admin: { commonName: "strata:admin", organization: "system:masters", client: true },
  supervisor: { commonName: "strata:sandbox-supervisor", organization: "system:masters", client: true },
  controllerManager: { commonName: "system:kube-controller-manager", client: true },
  scheduler: { commonName: "system:kube-scheduler", client: true },
  kwok: { commonName: "strata:simulated-nodes", client: true },
} as const satisfies Record<string, LeafPlan>;

type LeafName = keyof typeof leaves;

const day = 86_400_000;
const lifetime = 3650 * day;
/** Certificates this close to their end are made anew. */
const renewBefore = 30 * day;

/**
 * The certificates in `folder`, made where they are missing, unreadable or about to expire (then all of them, since the authority changes too).
 * ECDSA P-256 throughout; keys 0600.
 */
export async function ensureCertificates(folder: string, now: Date = new Date()): Promise<SandboxCertificates> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = filesIn(folder);
  if (!areUsable(files, now)) await makeAll(files, now);
  return files;
}

function filesIn(folder: string): SandboxCertificates {
  const pair = (name: string): Certificate => ({ certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) });
  return {
    ca: pair("ca"),
    apiServer: pair("api-server"),
    etcd: pair("etcd"),
    etcdClient: pair("etcd-client"),
    admin: pair("admin"),
    supervisor: pair("supervisor"),
    controllerManager: pair("controller-manager"),
    scheduler: pair("scheduler"),
    kwok: pair("kwok"),
    serviceAccount: { publicKey: join(folder, "service-account.pub"), key: join(folder, "service-account.key") },
  };
}

function areUsable(files: SandboxCertificates, now: Date): boolean {
  try {
    const ca = new X509Certificate(readFileSync(files.ca.certificate));
    const fits = (pair: Certificate): boolean => {
      const certificate = new X509Certificate(readFileSync(pair.certificate));
      const fresh = Date.parse(certificate.validTo) - now.getTime() > renewBefore && Date.parse(certificate.validFrom) <= now.getTime();
      return fresh && certificate.verify(ca.publicKey) && certificate.checkPrivateKey(createPrivateKey(readFileSync(pair.key)));
    };
    const all = [files.ca, ...(Object.keys(leaves) as LeafName[]).map((name) => files[name])];
    return all.every(fits) && existsSync(files.serviceAccount.key) && existsSync(files.serviceAccount.publicKey);
  } catch {
    return false;
  }
}

async function makeAll(files: SandboxCertificates, now: Date): Promise<void> {
  // Loaded here because a start with certificates at hand doesn't need the library.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
  const notBefore = new Date(now.getTime() - 3_600_000);
  const notAfter = new Date(now.getTime() + lifetime);
  const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const serialNumber = () => `00${randomBytes(16).toString("hex")}`;

  const caKeys = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=strata sandbox",
    notBefore,
    notAfter,
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  await save(files.ca, ca.toString("pem"), caKeys.privateKey);

  for (const [name, plan] of Object.entries(leaves) as [LeafName, LeafPlan][]) {
    const keys = await newKeys();
    const uses = [...(plan.server ? [x509.ExtendedKeyUsage.serverAuth] : []), ...(plan.client ? [x509.ExtendedKeyUsage.clientAuth] : [])];
    const names = [...serverNames.map((value) => ({ type: "dns" as const, value })), ...serverAddresses.map((value) => ({ type: "ip" as const, value }))];
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      issuer: ca.subject,
      subject: [...(plan.organization ? [{ O: [plan.organization] }] : []), { CN: [plan.commonName] }],
      notBefore,
      notAfter,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(uses),
        await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
        ...(plan.server ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    await save(files[name], leaf.toString("pem"), keys.privateKey);
  }
  const account = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writePrivateFile(files.serviceAccount.key, account.privateKey.export({ type: "sec1", format: "pem" }));
  writePrivateFile(files.serviceAccount.publicKey, account.publicKey.export({ type: "spki", format: "pem" }));
}

async function save(files: Certificate, certificate: string, key: webcrypto.CryptoKey): Promise<void> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  writePrivateFile(files.key, createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({ type: "pkcs8", format: "pem" }));
  writePrivateFile(files.certificate, `${certificate}\n`);
}
