import type { AccessHint } from "#core/operation.ts";

/** Where a secret value is: the command that shows it. Never the value. */
export function secretHint(title: string, namespace: string, name: string, key: string): AccessHint {
  return { title, kind: "secret", value: `kubectl -n ${namespace} get secret ${name} -o jsonpath='{.data.${key.replaceAll(".", "\\.")}}' | base64 -d` };
}

export function urlHint(title: string, host: string): AccessHint {
  return { title, kind: "url", value: `https://${host}` };
}
