/**
 * The senders of the accept row, in a process of their own: so many keep-alive connections, each with one
 * request under way. Started by `generateLoad`; it takes one order, answers with what it counted, and ends.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { percentile } from './figures.ts';
import { HttpConnection, requestBytes } from './http-connection.ts';
import { canReadUsage, cpuSeconds } from './process-usage.ts';

export interface LoadOrder {
  port: number;
  /** POST sends JSON; GET says the same in the query, as Kannel takes it. */
  method: 'POST' | 'GET';
  path: string;
  headers: Record<string, string>;
  from: string;
  /** The server's process; without it, or off Linux, its time on the processor is not counted. */
  pid?: number;
  connections: number;
  /** Sent before the count begins, so that the server's code is compiled. */
  warmSeconds: number;
  seconds: number;
}

export interface LoadResult {
  /** Answers of 202 a second. */
  perSecond: number;
  p50: number;
  p99: number;
  /** The server's time on the processor for each answer, all its threads; barely moved by a busy machine. */
  serverMicroseconds?: number;
  /** Of one core, 0 to 1: near 1 the generator is what was measured. */
  generatorCpu: number;
  /** How often each other status came. */
  refused: Record<number, number>;
}

const RECIPIENTS = 4_000;

export async function generateLoad(order: LoadOrder): Promise<LoadResult> {
  const child = fork(fileURLToPath(import.meta.url));
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`The load generator ended with ${status}.`);
  });
  ended.catch(() => {});
  child.send({ ...order });
  const [result] = (await Promise.race([once(child, 'message'), ended])) as [LoadResult];
  child.kill();
  const refusals = Object.entries(result.refused);
  if (refusals.length > 0) {
    const counts = refusals.map(([status, count]) => `${count} × ${status}`).join(', ');
    throw new Error(`Every answer must be 202, but there were ${counts}.`);
  }
  return result;
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const requests = Array.from({ length: RECIPIENTS }, (_, index) => requestOf(order, index));
  const latencies: number[] = [];
  const refused: Record<number, number> = {};
  let next = 0;
  let isCounting = false;
  let isOver = false;
  const onLost = (error: Error) => {
    throw error;
  };
  const sendAgain = (connection: HttpConnection) => {
    const sentAt = performance.now();
    connection.send(requests[next++ % RECIPIENTS]!, (status) => {
      if (status !== 202) refused[status] = (refused[status] ?? 0) + 1;
      else if (isCounting) latencies.push(performance.now() - sentAt);
      if (!isOver) sendAgain(connection);
    });
  };
  const opening = Array.from({ length: order.connections }, () =>
    HttpConnection.open('127.0.0.1', order.port, onLost),
  );
  for (const connection of await Promise.all(opening)) sendAgain(connection);

  await sleep(order.warmSeconds);
  isCounting = true;
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const serverBefore = serverSeconds(order);
  await sleep(order.seconds);
  isCounting = false;
  isOver = true;
  const elapsed = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const serverTime = serverSeconds(order) - serverBefore;
  return {
    perSecond: latencies.length / elapsed,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    ...(Number.isNaN(serverTime) ? {} : { serverMicroseconds: (serverTime / latencies.length) * 1e6 }),
    generatorCpu: (user + system) / 1e6 / elapsed,
    refused,
  };
}

function requestOf({ method, path, headers, from }: LoadOrder, index: number): Buffer {
  const to = `+1415555${String(index).padStart(4, '0')}`;
  const content = `Hello from the bench, number ${index}`;
  if (method === 'POST') return requestBytes({ method, path, headers, body: { to, from, content } });
  return requestBytes({
    method,
    path: `${path}&${new URLSearchParams({ to, from, text: content })}`,
    headers,
  });
}

function serverSeconds({ pid }: LoadOrder): number {
  return pid !== undefined && canReadUsage ? cpuSeconds(pid) : Number.NaN;
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

if (import.meta.main) {
  process.once('message', async (order: LoadOrder) => {
    process.send!(await run(order));
  });
}
