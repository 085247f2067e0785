import stringWidth from "string-width";

export interface Column {
  readonly title: string;
  /** @default "left" */
  readonly align?: "left" | "right";
}

/** Lines of a table with its titles first, columns two spaces apart. Cells may be coloured. Trailing blanks are cut. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], paintTitle: (text: string) => string = (text) => text): string[] {
  const widths = columns.map((column, i) => Math.max(stringWidth(column.title), ...rows.map((row) => stringWidth(row[i] ?? ""))));
  const line = (cells: readonly string[], paint: (text: string) => string) =>
    columns
      .map((column, i) => {
        const cell = cells[i] ?? "";
        const blank = " ".repeat((widths[i] ?? 0) - stringWidth(cell));
        return column.align === "right" ? blank + paint(cell) : paint(cell) + blank;
      })
      .join("  ")
      .trimEnd();
  return [
    line(
      columns.map((column) => column.title),
      paintTitle,
    ),
    ...rows.map((row) => line(row, (text) => text)),
  ];
}
