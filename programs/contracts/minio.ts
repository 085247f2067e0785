import type { ComponentContract } from "#programs/contracts/component-contract.ts";

const labels = { app: "minio", release: "minio" };

/** MinIO: its API for every application, its console for people, and the root user that is ours. */
export const minio: ComponentContract = {
  component: "minio",
  release: "minio",
  crds: [],
  services: [
    { name: "minio", selector: labels, ports: { http: 9000 } },
    { name: "minio-console", selector: labels, ports: { http: 9001 } },
  ],
  workloads: [{ kind: "Deployment", name: "minio", memory: "512Mi" }],
  secrets: { "minio-root": ["rootUser", "rootPassword"] },
};
