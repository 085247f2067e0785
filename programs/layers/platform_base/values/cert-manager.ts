import type { JsonObject } from "#core/wire-value.ts";

/** Values of the cert-manager chart. Its start-up check is a Helm hook, which never runs here: the layer waits for the webhook's Deployment instead. */
export function certManagerValues(): JsonObject {
  return {
    crds: { enabled: true, keep: false },
    startupapicheck: { enabled: false },
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    webhook: { resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } } },
    cainjector: { resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } } },
  };
}
