/**
 * Measures the broker with a long queue: the start, the dispatch rate, and how long the event loop is blocked while idle,
 * by the metrics, by an opt-out and by the deletion of the number.
 */
import { connectSocket } from '../devices.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import { type Metric, metric, percentile } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { type PairedHoming, startHoming, startPairedHoming } from '../programs.ts';
import { printProgress } from '../progress.ts';
import { recipientOf, seedQueue } from '../seed-queue.ts';

const SHORT_QUEUE = 10_000;
/** Number of messages after which the dispatch rate is computed. */
const DISPATCHED = 8_000;
const DISPATCH_MAX_MS = 60_000;
/** Includes several checks for expired messages. */
const IDLE_MS = 12_000;
const AFTER_MS = 5_000;
const PROBE_MS = 5;
const BLOCKED_MAX_MS = 20;

type Running = Pick<PairedHoming, 'port' | 'liveKey' | 'number' | 'deviceToken'>;

export async function measureBacklog({ backlogRows }: BenchOptions): Promise<Metric[]> {
  const short = await withQueue(SHORT_QUEUE, measureDispatchRate);
  const long = await withQueue(backlogRows, async (homing) => {
    // The opt-out comes last, because a suppression adds a check to each dispatch.
    const rate = await measureDispatchRate(homing);
    return { rate, blocked: await measureBlocking(homing) };
  });
  const deletion = await withQueue(backlogRows, measureDeletion);
  const ratio = long.result.rate / short.result;
  return [
    metric('backlog', 'start with a short queue', 's', [short.startSeconds]),
    metric('backlog', 'start', 's', [long.startSeconds], { atMost: 2 }),
    metric('backlog', 'dispatch rate with a short queue', 'messages/s', [short.result]),
    metric('backlog', 'dispatch rate', 'messages/s', [long.result.rate]),
    metric('backlog', 'dispatch rate / that of a short queue', '×', [ratio], { atLeast: 0.9 }),
    ...long.result.blocked,
    ...deletion.result,
  ];
}

/** Starts a broker whose number has this many queued messages, and stops it after the work. */
async function withQueue<T>(count: number, work: (homing: Running) => Promise<T>) {
  const homing = await startPairedHoming();
  try {
    await homing.pause();
    printProgress(`backlog: writing ${count.toLocaleString('en-US')} queued messages…`);
    seedQueue(homing.dataDir, homing.number, count);
    const begin = performance.now();
    const restarted = await startHoming(homing.dataDir);
    const startSeconds = (performance.now() - begin) / 1_000;
    try {
      return { startSeconds, result: await work({ ...homing, port: restarted.port }) };
    } finally {
      await restarted.stop();
    }
  } finally {
    await homing.stop();
  }
}

async function measureDispatchRate({ port, deviceToken }: Running): Promise<number> {
  printProgress('backlog: dispatch rate…');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let dispatched = 0;
  const begin = performance.now();
  const timeout = setTimeout(
    () => reject(new Error(`The broker dispatched only ${dispatched} messages.`)),
    DISPATCH_MAX_MS,
  );
  const device = await connectSocket({
    ...{ host: '127.0.0.1', port, token: deviceToken },
    onDeliver: (items) => {
      dispatched += items.length;
      if (dispatched >= DISPATCHED) resolve();
    },
  });
  try {
    await promise;
    return dispatched / ((performance.now() - begin) / 1_000);
  } finally {
    clearTimeout(timeout);
    device.close();
  }
}

async function measureBlocking(homing: Running): Promise<Metric[]> {
  const optOut = { phone_number: recipientOf(1), opted_out: true };
  const steps: Array<[name: string, work: () => Promise<unknown>, after: number]> = [
    ['idle', async () => {}, IDLE_MS],
    ['metrics', () => request(homing, 'GET', '/metrics'), 0],
    ['opt-out', () => request(homing, 'POST', '/api/v1/contacts', optOut), AFTER_MS],
  ];
  const metrics: Metric[] = [];
  for (const [name, work, after] of steps) metrics.push(...(await measureProbes(homing, name, work, after)));
  return metrics;
}

async function measureDeletion(homing: Running): Promise<Metric[]> {
  const { body } = await request(homing, 'GET', '/v1/numbers');
  const [number] = JSON.parse(body).numbers;
  const remove = () => request(homing, 'DELETE', `/v1/numbers/${number.id}`);
  return measureProbes(homing, 'deletion of the number', remove, AFTER_MS);
}

/** Polls `/healthz` during the work and for some time after it. */
async function measureProbes(
  homing: Running,
  name: string,
  work: () => Promise<unknown>,
  afterMs: number,
): Promise<Metric[]> {
  printProgress(`backlog: ${name}…`);
  const probe = await HttpConnection.open('127.0.0.1', homing.port, () => {});
  const health = requestBytes({ method: 'GET', path: '/healthz' });
  const times: number[] = [];
  let isDone = false;
  const probing = (async () => {
    while (!isDone) {
      const sentAt = performance.now();
      await probe.exchange(health);
      times.push(performance.now() - sentAt);
      await sleep(PROBE_MS);
    }
  })();
  const begin = performance.now();
  await work();
  const duration = performance.now() - begin;
  await sleep(afterMs);
  isDone = true;
  await probing;
  probe.close();
  const blocked = [
    metric('backlog', `${name}: /healthz latency, p99`, 'ms', [percentile(times, 0.99)], {
      atMost: BLOCKED_MAX_MS,
    }),
    metric('backlog', `${name}: /healthz latency, maximum`, 'ms', [Math.max(...times)]),
  ];
  return name === 'idle' ? blocked : [metric('backlog', `${name}: response`, 'ms', [duration]), ...blocked];
}

async function request(
  { port, liveKey }: Running,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
) {
  const connection = await HttpConnection.open('127.0.0.1', port, () => {});
  const headers = { 'x-api-key': liveKey, authorization: `Bearer ${liveKey}` };
  const response = await connection.exchange(
    requestBytes({ method, path, headers, ...(body === undefined ? {} : { body }) }),
  );
  connection.close();
  if (response.status >= 300)
    throw new Error(`${method} ${path} returned ${response.status}: ${response.body}`);
  return response;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
