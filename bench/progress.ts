/** Prints progress to stderr; stdout contains only the table. */
export function printProgress(text: string): void {
  process.stderr.write(`${text}\n`);
}
