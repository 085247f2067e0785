/** Rows under headings, columns two blanks apart. Mirrors pulumi/pulumi:sdk/go/common/util/cmdutil/term.go tables (v3.259.0). */
export function tableText(headings: readonly string[], rows: readonly (readonly string[])[], indent = ""): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => displayWidth(row[column] ?? ""))));
  return all
    .map(
      (row) =>
        `${indent}${row
          .map((cell, column) => cell + " ".repeat(widths[column]! - displayWidth(cell)))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function displayWidth(text: string): number {
  return [...text].length;
}
