import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureCertificates } from "#clusters/sandbox/certificates.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "strata-pki-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (file: string): X509Certificate => new X509Certificate(readFileSync(file));

describe("a sandbox's certificates", () => {
  test("are signed by its own authority and name the identities that RBAC knows", async () => {
    const files = await ensureCertificates(folder);
    const ca = read(files.ca.certificate);
    expect(ca.ca).toBe(true);
    const subjects = Object.fromEntries(
      (["apiServer", "etcd", "etcdClient", "admin", "supervisor", "controllerManager", "scheduler", "kwok"] as const).map((name) => {
        const leaf = read(files[name].certificate);
        expect(leaf.verify(ca.publicKey)).toBe(true);
        expect(leaf.checkIssued(ca)).toBe(true);
        expect(leaf.ca).toBe(false);
        return [name, leaf.subject];
      }),
    );
    expect(subjects).toMatchObject({
      admin: "O=system:masters\nCN=strata:admin",
      controllerManager: "CN=system:kube-controller-manager",
      scheduler: "CN=system:kube-scheduler",
      kwok: "CN=strata:simulated-nodes",
    });
  });

  test("of servers are good for loopback and the API server's names inside the cluster, those of clients for no server", async () => {
    const files = await ensureCertificates(folder);
    const server = read(files.apiServer.certificate);
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.checkIP("10.96.0.1")).toBe("10.96.0.1");
    expect(server.checkHost("kubernetes.default.svc")).toBe("kubernetes.default.svc");
    expect(server.checkHost("example.org")).toBeUndefined();
    const serverUse = "1.3.6.1.5.5.7.3.1";
    expect(server.keyUsage).toEqual([serverUse]);
    expect(read(files.admin.certificate).keyUsage).not.toContain(serverUse);
  });

  test("are readable by their owner only", async () => {
    const files = await ensureCertificates(folder);
    for (const key of [files.ca.key, files.admin.key, files.serviceAccount.key]) expect(statSync(key).mode & 0o777).toBe(0o600);
  });

  test("are kept between starts", async () => {
    const { ca, admin } = await ensureCertificates(folder);
    const before = [readFileSync(ca.certificate), readFileSync(admin.key)];
    await ensureCertificates(folder);
    expect([readFileSync(ca.certificate), readFileSync(admin.key)]).toEqual(before);
  });

  test("are made anew before they expire", async () => {
    const files = await ensureCertificates(folder);
    const before = read(files.admin.certificate);
    await ensureCertificates(folder, new Date(Date.parse(before.validTo) - 86_400_000));
    const after = read(files.admin.certificate);
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect(after.verify(read(files.ca.certificate).publicKey)).toBe(true);
  });

  test("are made anew when one is broken or belongs to another authority", async () => {
    const files = await ensureCertificates(folder);
    writeFileSync(files.kwok.certificate, "garbage");
    await ensureCertificates(folder);
    expect(read(files.kwok.certificate).verify(read(files.ca.certificate).publicKey)).toBe(true);

    const other = mkdtempSync(join(tmpdir(), "strata-pki-"));
    try {
      const foreign = await ensureCertificates(other);
      writeFileSync(files.kwok.certificate, readFileSync(foreign.kwok.certificate));
      await ensureCertificates(folder);
      expect(read(files.kwok.certificate).verify(read(files.ca.certificate).publicKey)).toBe(true);
    } finally {
      rmSync(other, { recursive: true });
    }
  });
});
