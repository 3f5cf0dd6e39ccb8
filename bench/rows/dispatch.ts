/**
 * Measures the dispatch latency: from the request, and from its 202, to the frame at the device. The rate is steady and
 * low enough that no queue builds up. Senders and device run in this process, so both times come from one clock.
 */
import type { DeliverItem } from '../../shared/protocol.ts';
import { type BenchDevice, connectPoll, connectSocket, type DeviceOptions } from '../devices.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import { type Goal, type Metric, metric, percentile } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { type PairedHoming, startBaseline, startPairedHoming } from '../programs.ts';
import { printProgress } from '../progress.ts';

const PER_SECOND = 200;
const WARM_SECONDS = 1;
/** Enough for one second without responses, which a busy machine can cause. */
const SENDERS = PER_SECOND;
const RECIPIENTS = 4_000;
const ARRIVAL_MS = 10_000;

export interface Latencies {
  /** From the arrival of the 202 to the arrival of the frame; 0 if the frame was first. */
  afterResponse: number[];
  /** From writing the request to the arrival of the frame. */
  afterRequest: number[];
}

type Connect = (options: DeviceOptions) => Promise<BenchDevice>;
type Server = Pick<PairedHoming, 'port' | 'liveKey' | 'number' | 'deviceToken'>;

const CASES: ReadonlyArray<{ name: string; p50?: Goal; p99?: Goal }> = [
  { name: 'bare ws' },
  { name: 'websocket', p50: { atMost: 2 }, p99: { atMost: 10 } },
  { name: 'long-poll', p99: { atMost: 20 } },
];

export async function measureDispatch({ rounds, seconds }: BenchOptions): Promise<Metric[]> {
  const results: Record<string, Latencies[]> = {};
  for (let round = 1; round <= rounds; round += 1) {
    const measure = async (name: string, server: Server, connect: Connect) => {
      printProgress(`round ${round} of ${rounds}: dispatch, ${name}…`);
      const latencies = await measureLatencies(server, connect, name, seconds);
      results[name] = [...(results[name] ?? []), latencies];
    };
    const baseline = await startBaseline('websocket');
    const noAccount = { liveKey: '', number: '+14155550100', deviceToken: '' };
    await measure('bare ws', { ...baseline, ...noAccount }, connectSocket).finally(baseline.stop);
    const homing = await startPairedHoming();
    try {
      await measure('websocket', homing, connectSocket);
      await measure('long-poll', homing, connectPoll);
    } finally {
      await homing.stop();
    }
  }

  return CASES.flatMap(({ name, ...goals }) => {
    const percentiles = (kind: keyof Latencies, share: number) =>
      (results[name] ?? []).map((latencies) => percentile(latencies[kind], share));
    return [
      metric(
        'dispatch',
        `${name}: p50 after the response`,
        'ms',
        percentiles('afterResponse', 0.5),
        goals.p50,
      ),
      metric(
        'dispatch',
        `${name}: p99 after the response`,
        'ms',
        percentiles('afterResponse', 0.99),
        goals.p99,
      ),
      metric('dispatch', `${name}: p50 after the request`, 'ms', percentiles('afterRequest', 0.5)),
      metric('dispatch', `${name}: p99 after the request`, 'ms', percentiles('afterRequest', 0.99)),
    ];
  });
}

interface Traced {
  sentAt: number;
  respondedAt?: number;
  arrivedAt?: number;
}

const isComplete = (message: Traced): message is Required<Traced> =>
  message.respondedAt !== undefined && message.arrivedAt !== undefined;

export async function measureLatencies(
  server: Server,
  connect: Connect,
  name: string,
  seconds: number,
): Promise<Latencies> {
  const host = '127.0.0.1';
  /** Messages by content: before the response, only the content connects a request with its frame. */
  const traced = new Map<string, Traced>();
  const onDeliver = (items: readonly DeliverItem[], at: number) => {
    for (const { text } of items) {
      // Messages that the previous device did not report are leased again. The benchmark does not count them.
      const message = traced.get(text);
      if (message !== undefined) message.arrivedAt ??= at;
    }
  };
  const device = await connect({ host, port: server.port, token: server.deviceToken, onDeliver });
  const onLost = (error: Error) => {
    throw error;
  };
  const senders = await Promise.all(
    Array.from({ length: SENDERS }, () => HttpConnection.open(host, server.port, onLost)),
  );

  const sendOne = (index: number) => {
    const sender = senders.find(({ isBusy }) => !isBusy);
    if (sender === undefined)
      throw new Error(`None of ${PER_SECOND} sends returned a response for one second.`);
    const to = `+1415555${String(index % RECIPIENTS).padStart(4, '0')}`;
    const content = `Hello over ${name}, number ${index}`;
    const message: Traced = { sentAt: performance.now() };
    traced.set(content, message);
    const body = { to, from: server.number, content };
    const headers = { 'x-api-key': server.liveKey };
    sender.send(requestBytes({ method: 'POST', path: '/v1/messages/send', headers, body }), (status) => {
      message.respondedAt = performance.now();
      if (status !== 202) throw new Error(`A send returned ${status}.`);
    });
  };
  try {
    const total = (WARM_SECONDS + seconds) * PER_SECOND;
    const begin = performance.now();
    for (let index = 0; index < total; index += 1) {
      const wait = begin + (index * 1000) / PER_SECOND - performance.now();
      if (wait > 0) await sleep(wait);
      sendOne(index);
    }

    const deadline = performance.now() + ARRIVAL_MS;
    while (![...traced.values()].every(isComplete)) {
      if (performance.now() > deadline) throw new Error('Not every accepted message arrived.');
      await sleep(20);
    }
  } finally {
    device.close();
    for (const sender of senders) sender.close();
  }
  const counted = [...traced.values()].slice(WARM_SECONDS * PER_SECOND).filter(isComplete);
  return {
    afterResponse: counted.map(({ respondedAt, arrivedAt }) => Math.max(0, arrivedAt - respondedAt)),
    afterRequest: counted.map(({ sentAt, arrivedAt }) => arrivedAt - sentAt),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
