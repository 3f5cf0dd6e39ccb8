/**
 * Measures one and three brokers on one PostgreSQL server: the rate of accepted messages, the processor time of brokers and
 * server, the share of time in which the write lock is taken, the dispatch to a device at another broker, and the rate end
 * to end.
 */
import pg from 'pg';
import { WRITE_LOCK } from '../../broker/store/postgres/transactions.ts';
import { connectSocket } from '../devices.ts';
import { generateLoad, type LoadResult } from '../load-generator.ts';
import { type Metric, metric, percentile, ratios } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { canReadUsage, parentOf } from '../process-usage.ts';
import {
  type Homing,
  makeFolder,
  removeFolder,
  startDurablePostgres,
  startHoming,
  startHomingOnPostgres,
} from '../programs.ts';
import { printProgress } from '../progress.ts';
import { type Latencies, measureLatencies } from './dispatch.ts';
import { type EndToEnd, measureRate } from './end-to-end.ts';

const WARM_SECONDS = 2;
const SAMPLE_MS = 10;
const COUNTS = [1, 3] as const;

const LOCKS = `SELECT COUNT(*) FILTER (WHERE granted) AS taken, COUNT(*) FILTER (WHERE NOT granted) AS waiting
  FROM pg_locks WHERE locktype = 'advisory' AND classid = ${WRITE_LOCK} AND objsubid = 2`;

interface Result {
  load: LoadResult;
  /** Shares of the samples. */
  lockTaken: number;
  lockAwaited: number;
  latencies: Latencies;
  endToEnd: EndToEnd;
}

export async function measureBrokers(options: BenchOptions): Promise<Metric[]> {
  const results = new Map<number, Result[]>(COUNTS.map((count) => [count, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const count of COUNTS) {
      printProgress(`round ${round} of ${options.rounds}: ${count} broker(s) on PostgreSQL…`);
      const measured = await measure(count, options);
      const endToEnd = await measureEndToEndOnPostgres(count, options.seconds);
      results.get(count)?.push({ ...measured, endToEnd });
    }
  }
  const valuesOf = (count: number, read: (result: Result) => number) => (results.get(count) ?? []).map(read);
  const metrics = COUNTS.flatMap((count) => {
    const name = count === 1 ? '1 broker' : `${count} brokers`;
    const add = (what: string, unit: string, read: (result: Result) => number) =>
      metric('brokers', `${name}: ${what}`, unit, valuesOf(count, read));
    return [
      add('accepted', '/s', ({ load }) => load.perSecond),
      add('accept p99', 'ms', ({ load }) => load.p99),
      ...(canReadUsage
        ? [
            add('CPU of the brokers per message', 'µs', ({ load }) => load.serverMicroseconds ?? Number.NaN),
            add('CPU of the server per message', 'µs', ({ load }) => load.databaseMicroseconds ?? Number.NaN),
          ]
        : []),
      add('time with the write lock taken', '%', ({ lockTaken }) => lockTaken * 100),
      add('time with brokers waiting for it', '%', ({ lockAwaited }) => lockAwaited * 100),
      add('dispatch p50', 'ms', ({ latencies }) => percentile(latencies.afterResponse, 0.5)),
      add('dispatch p99', 'ms', ({ latencies }) => percentile(latencies.afterResponse, 0.99)),
      add('end to end', '/s', ({ endToEnd }) => endToEnd.rate),
      add('end to end, CPU of the brokers', '% core', ({ endToEnd }) => endToEnd.core),
    ];
  });
  const rate = (count: number) => valuesOf(count, ({ load }) => load.perSecond);
  return [...metrics, metric('brokers', 'rate: 3 brokers / 1 broker', '×', ratios(rate(3), rate(1)))];
}

async function measure(
  count: number,
  { connections, seconds }: BenchOptions,
): Promise<Omit<Result, 'endToEnd'>> {
  const first = await startHomingOnPostgres();
  const { server, liveKey, number, deviceToken } = first;
  const client = new pg.Client({ connectionString: server.url() });
  const others: Homing[] = [];
  const folders: string[] = [];
  try {
    await client.connect();
    for (let index = 1; index < count; index += 1) {
      const folder = makeFolder();
      folders.push(folder);
      others.push(await startHoming(folder, { DATABASE_URL: server.url() }));
    }
    const brokers = [first, ...others];
    const lock = sampleLock(client);
    const load = await generateLoad({
      ...{ method: 'POST', path: '/v1/messages/send', headers: { 'x-api-key': liveKey }, from: number },
      ...{ port: first.port, ports: brokers.map(({ port }) => port), pids: brokers.map(({ pid }) => pid) },
      // Brokers are added for more load, so each has the load of a single one.
      ...{ databasePid: await postmasterOf(client), connections: connections * count },
      ...{ seconds, warmSeconds: WARM_SECONDS },
    });
    const shares = await lock.stop();
    // The device is at the last broker, and the requests are sent to the first one.
    const devicePort = brokers.at(-1)?.port ?? first.port;
    const connect: typeof connectSocket = (device) => connectSocket({ ...device, port: devicePort });
    const from = { port: first.port, liveKey, number, deviceToken };
    await client.query('DELETE FROM messages');
    const latencies = await measureLatencies(from, connect, `${count} brokers`, seconds);
    return { load, ...shares, latencies };
  } finally {
    await client.end();
    for (const broker of others) await broker.stop();
    await first.stop();
    for (const folder of folders) removeFolder(folder);
  }
}

async function measureEndToEndOnPostgres(count: number, seconds: number): Promise<EndToEnd> {
  const server = await startDurablePostgres();
  try {
    return await measureRate(seconds, { databaseUrl: server.url(), count });
  } finally {
    await server.dispose();
  }
}

async function postmasterOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return parentOf(rows[0]?.pid ?? 0);
}

function sampleLock(client: pg.Client) {
  let isStopped = false;
  let samples = 0;
  let taken = 0;
  let awaited = 0;
  const run = async () => {
    await sleep(WARM_SECONDS * 1_000);
    while (!isStopped) {
      const { rows } = await client.query<{ taken: string; waiting: string }>(LOCKS);
      samples += 1;
      if (Number(rows[0]?.taken) > 0) taken += 1;
      if (Number(rows[0]?.waiting) > 0) awaited += 1;
      await sleep(SAMPLE_MS);
    }
  };
  const running = run();
  return {
    async stop() {
      isStopped = true;
      await running;
      return { lockTaken: taken / samples, lockAwaited: awaited / samples };
    },
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
