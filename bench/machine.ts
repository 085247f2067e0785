import { cpus, totalmem } from "node:os";

/** The facts without which no figure means anything. */
export function machineFacts(): string {
  const processors = cpus();
  return `${processors.length} x ${processors[0]?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB memory, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
}
