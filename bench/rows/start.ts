/** Measures the start: from spawning `homing serve` on an existing folder to the first 200 of `/healthz`. */

import { HttpConnection, requestBytes } from '../http-connection.ts';
import { type Metric, metric } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { end, freePort, makeFolder, removeFolder, spawnHoming } from '../programs.ts';
import { printProgress } from '../progress.ts';

const HEALTH = requestBytes({ method: 'GET', path: '/healthz' });
const RETRY_MS = 5;
const START_MAX_MS = 30_000;

export async function measureStart({ rounds }: BenchOptions): Promise<Metric[]> {
  const folder = makeFolder();
  try {
    // Creates the database, and fills the compile cache.
    await timeStart(folder);
    const seconds: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      printProgress(`round ${round} of ${rounds}: start…`);
      seconds.push(await timeStart(folder));
    }
    return [metric('start', 'time to first 200', 's', seconds, { atMost: 1 })];
  } finally {
    removeFolder(folder);
  }
}

async function timeStart(folder: string): Promise<number> {
  // The port must be known before the broker reports it: the report comes after the measured moment.
  const port = await freePort();
  const begin = performance.now();
  const child = spawnHoming(folder, port);
  try {
    await waitUntilHealthy(port, begin + START_MAX_MS);
    return (performance.now() - begin) / 1000;
  } finally {
    await end(child);
  }
}

async function waitUntilHealthy(port: number, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    const connection = await HttpConnection.open('127.0.0.1', port, () => {}).catch(() => undefined);
    if (connection !== undefined) {
      const { status } = await connection.exchange(HEALTH);
      connection.close();
      if (status === 200) return;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new Error(`The broker returned no 200 within ${START_MAX_MS / 1000} s.`);
}
