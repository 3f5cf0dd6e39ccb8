/**
 * Generates the load of the accept row in a separate process: several keep-alive connections, each with one request in
 * flight. `generateLoad` starts it, sends the options and receives the result.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { HttpConnection, requestBytes } from './http-connection.ts';
import { percentile } from './metrics.ts';
import { canReadUsage, cpuSeconds, cpuSecondsWithChildren } from './process-usage.ts';

export interface LoadOptions {
  port: number;
  /** POST sends JSON; GET sends the same fields in the query, for Kannel. */
  method: 'POST' | 'GET';
  path: string;
  headers: Record<string, string>;
  from: string;
  /** Ports of the servers, which get the same number of connections. Default: `port`. */
  ports?: readonly number[];
  /** Process ids of the servers. Without them, or not on Linux, their CPU time is not measured. */
  pids?: readonly number[];
  /** Process id of the database server, whose child processes are measured too. */
  databasePid?: number;
  connections: number;
  /** Duration of the uncounted load before the measurement, in which V8 compiles the server. */
  warmSeconds: number;
  seconds: number;
}

export interface LoadResult {
  /** 202 responses per second. */
  perSecond: number;
  p50: number;
  p99: number;
  /** CPU time of the server per response, all threads. A busy machine changes it little. */
  serverMicroseconds?: number;
  databaseMicroseconds?: number;
  /** CPU usage of the generator, 0 to 1 core. Near 1, the generator is the limit and not the server. */
  generatorCpu: number;
  /** Count of every other response status. */
  errors: Record<number, number>;
}

const RECIPIENTS = 4_000;

export async function generateLoad(options: LoadOptions): Promise<LoadResult> {
  const child = fork(fileURLToPath(import.meta.url));
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`The load generator ended with ${status}.`);
  });
  ended.catch(() => {});
  child.send({ ...options });
  const [result] = (await Promise.race([once(child, 'message'), ended])) as [LoadResult];
  child.kill();
  const errors = Object.entries(result.errors);
  if (errors.length > 0) {
    const counts = errors.map(([status, count]) => `${count} × ${status}`).join(', ');
    throw new Error(`Every response must be 202; received ${counts}.`);
  }
  return result;
}

async function run(options: LoadOptions): Promise<LoadResult> {
  const requests = Array.from({ length: RECIPIENTS }, (_, index) => requestOf(options, index));
  const latencies: number[] = [];
  const errors: Record<number, number> = {};
  let next = 0;
  let isCounting = false;
  let isDone = false;
  const onLost = (error: Error) => {
    throw error;
  };
  const sendNext = (connection: HttpConnection) => {
    const sentAt = performance.now();
    const request = requests[next++ % RECIPIENTS];
    if (request === undefined) throw new Error('There is no request to send.');
    connection.send(request, (status) => {
      if (status !== 202) errors[status] = (errors[status] ?? 0) + 1;
      else if (isCounting) latencies.push(performance.now() - sentAt);
      if (!isDone) sendNext(connection);
    });
  };
  const ports = options.ports ?? [options.port];
  const opening = Array.from({ length: options.connections }, (_, index) =>
    HttpConnection.open('127.0.0.1', ports[index % ports.length] ?? options.port, onLost),
  );
  for (const connection of await Promise.all(opening)) sendNext(connection);

  await sleep(options.warmSeconds);
  isCounting = true;
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const serverBefore = serverSeconds(options);
  const databaseBefore = databaseSeconds(options);
  await sleep(options.seconds);
  isCounting = false;
  isDone = true;
  const elapsed = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const serverTime = serverSeconds(options) - serverBefore;
  const databaseTime = databaseSeconds(options) - databaseBefore;
  const perMessage = (time: number) => (time / latencies.length) * 1e6;
  return {
    perSecond: latencies.length / elapsed,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    ...(Number.isNaN(serverTime) ? {} : { serverMicroseconds: perMessage(serverTime) }),
    ...(Number.isNaN(databaseTime) ? {} : { databaseMicroseconds: perMessage(databaseTime) }),
    generatorCpu: (user + system) / 1e6 / elapsed,
    errors,
  };
}

function requestOf({ method, path, headers, from }: LoadOptions, index: number): Buffer {
  const to = `+1415555${String(index).padStart(4, '0')}`;
  const content = `Hello from the bench, number ${index}`;
  if (method === 'POST') return requestBytes({ method, path, headers, body: { to, from, content } });
  return requestBytes({
    method,
    path: `${path}&${new URLSearchParams({ to, from, text: content })}`,
    headers,
  });
}

function serverSeconds({ pids }: LoadOptions): number {
  if (pids === undefined || !canReadUsage) return Number.NaN;
  return pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}

function databaseSeconds({ databasePid }: LoadOptions): number {
  return databasePid === undefined || !canReadUsage ? Number.NaN : cpuSecondsWithChildren(databasePid);
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

if (import.meta.main) {
  process.once('message', async (options: LoadOptions) => {
    process.send?.(await run(options));
  });
}
