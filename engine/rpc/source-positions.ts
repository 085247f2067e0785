import { posix, relative } from "node:path";
import type sourcePb from "@pulumi/pulumi/proto/source_pb.js";

/** `project:///src/app.ts#12,3`, relative to the project's folder; "" for none and for what isn't a file. */
export function sourcePosition(position: sourcePb.SourcePosition | undefined, projectFolder: string): string {
  if (!position || position.getLine() < 0 || position.getColumn() < 0) return "";
  let url: URL;
  try {
    url = new URL(position.getUri());
  } catch {
    return "";
  }
  if (url.protocol !== "file:") return "";
  const path = relative(projectFolder, decodeURIComponent(url.pathname)).split("\\").join(posix.sep);
  const column = position.getColumn() ? `,${position.getColumn()}` : "";
  return `project:///${path}#${position.getLine()}${column}`;
}

export function stackTrace(trace: sourcePb.StackTrace | undefined, projectFolder: string): string[] {
  return trace?.getFramesList().map((frame) => sourcePosition(frame.getPc(), projectFolder)) ?? [];
}
