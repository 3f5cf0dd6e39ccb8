// Prints progress for the user. Writes to stderr only: stdout belongs to the program that the bootstrap starts.

export function printProgress(line) {
  process.stderr.write(`${line}\n`);
}

export function printWaiting(pid) {
  const owner = pid ? ` (process ${pid})` : '';
  printProgress(`Another process${owner} is preparing this Homing folder. Waiting until it has finished…`);
}
