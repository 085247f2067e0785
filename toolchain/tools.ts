/** The programs that Strata starts. */
export const toolNames = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kubectl", "helm"] as const;
export type ToolName = (typeof toolNames)[number];
