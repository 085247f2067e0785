/** JSON as the CLI prints it: indented by two blanks, with a final newline. */
export function printedJson(value: unknown, indent = 2): string {
  return `${JSON.stringify(value, undefined, indent)}\n`;
}
