// Prints progress for the user. Writes to stderr only: stdout belongs to the program that the bootstrap starts.

export function printProgress(line) {
  process.stderr.write(`${line}\n`);
}

const INTERVAL_MS = 10_000;

/** Prints the elapsed time of a long step every ten seconds, so that it does not look stuck. */
export async function withElapsedTime(label, work) {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    printProgress(`${label}, ${Math.round((performance.now() - startedAt) / 1000)} s so far…`);
  }, INTERVAL_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

export function printWaiting(pid) {
  const owner = pid ? ` (process ${pid})` : '';
  printProgress(`Another process${owner} is preparing this Homing folder. Waiting until it has finished…`);
}
