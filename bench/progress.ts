/** How far the bench is, on standard error; standard output holds the table only. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
