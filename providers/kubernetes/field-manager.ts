import { randomBytes } from "node:crypto";
import { annotations, isTrue } from "#providers/kubernetes/model/annotations.ts";
import type { Checkpoint } from "#providers/kubernetes/model/checkpoint.ts";
import { annotationOf, type KubernetesObject, listAt } from "#providers/kubernetes/model/kubernetes-object.ts";
import { hasOwnUpdateManager } from "#providers/kubernetes/model/managed-fields.ts";
import type { Settings } from "#providers/kubernetes/settings.ts";

/** Owner of what is created and, without server-side apply, of everything. */
export const commonFieldManager = "pulumi-kubernetes";

/** Under which name the resource owns its fields: what the annotation says, what the state says, or a new one. */
export function fieldManagerOf(settings: Settings, inputs: KubernetesObject, stored?: Pick<Checkpoint, "fieldManager">): string {
  if (!settings.serverSideApply) return commonFieldManager;
  return annotationOf(inputs, annotations.patchFieldManager) || stored?.fieldManager || `${commonFieldManager}-${randomBytes(4).toString("hex")}`;
}

/** Whether an apply may take fields from other managers. */
export function forcesApply(settings: Settings, inputs: KubernetesObject, live: KubernetesObject | undefined, preview: boolean): boolean {
  if (isTrue(inputs, annotations.patchForce) || settings.patchForce) return true;
  // In a preview, what the real run would hand over first is still with its former manager.
  if (preview && (!live || hasOwnUpdateManager(live))) return true;
  return live !== undefined && listAt(live, "metadata", "managedFields").length === 0;
}
