/** Seconds that the work took. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One line of the report: what was measured, against what, and the most it should be. The exit code isn't touched: figures are read, not judged. */
export function reportRatio(what: string, measured: number, floor: number, wanted: number): void {
  const ratio = measured / floor;
  console.log(
    `  ${what.padEnd(34)} ${measured.toFixed(3).padStart(8)} s  / floor ${floor.toFixed(3).padStart(7)} s  = ${ratio.toFixed(2).padStart(6)}x  (wanted <= ${wanted}x)${ratio > wanted ? "  MISSED" : ""}`,
  );
}

export function reportSeconds(what: string, measured: number, wanted: number): void {
  console.log(`  ${what.padEnd(34)} ${measured.toFixed(2).padStart(8)} s  (wanted <= ${wanted} s)${measured > wanted ? "  MISSED" : ""}`);
}
