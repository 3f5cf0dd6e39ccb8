/** Start: from the spawn of `homing serve` on a folder that exists to the first 200 of `/healthz`. */
import { createServer } from 'node:net';
import { type Figure, figure } from '../figures.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import type { BenchOptions } from '../options.ts';
import { dropFolder, end, makeFolder, spawnHoming, startHoming } from '../programs.ts';
import { say } from '../progress.ts';

const HEALTH = requestBytes({ method: 'GET', path: '/healthz' });
const RETRY_MS = 5;
const START_MAX_MS = 30_000;

export async function measureStart({ rounds }: BenchOptions): Promise<Figure[]> {
  const folder = makeFolder();
  try {
    await (await startHoming(folder)).stop();
    const seconds: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}: start…`);
      const port = await freePort();
      const begin = performance.now();
      const child = spawnHoming(folder, port);
      try {
        await healthy(port, begin + START_MAX_MS);
        seconds.push((performance.now() - begin) / 1000);
      } finally {
        await end(child);
      }
    }
    return [figure('start', 'homing serve: first 200', 's', seconds, { atMost: 1 })];
  } finally {
    dropFolder(folder);
  }
}

async function healthy(port: number, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    const connection = await HttpConnection.open('127.0.0.1', port, () => {}).catch(() => undefined);
    if (connection !== undefined) {
      const { status } = await connection.exchange(HEALTH);
      connection.close();
      if (status === 200) return;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new Error('The broker did not answer in time.');
}

/** The port must be known before the broker says it, which would be after the moment to be timed. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
