/**
 * Hand-off: how long after its 202 a message is at the device, at a steady rate that no queue builds up at.
 * Sender and device are in this process, so that one clock sees both.
 */
import type { DeliverItem } from '../../shared/protocol.ts';
import { type BenchDevice, connectPoll, connectSocket, type DeviceOptions } from '../devices.ts';
import { type Figure, figure, type Goal, percentile } from '../figures.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import type { BenchOptions } from '../options.ts';
import { type PairedHoming, startFloor, startPairedHoming } from '../programs.ts';
import { say } from '../progress.ts';

const PER_SECOND = 200;
const WARM_SECONDS = 1;
/** Enough for a second in which nothing is answered; a machine that is busy with other things has such. */
const SENDERS = PER_SECOND;
const RECIPIENTS = 4_000;
const ARRIVAL_MS = 10_000;

interface Latencies {
  /** From the arrival of the 202 to the arrival of the frame; 0 where the frame was first. */
  afterAnswer: number[];
  /** From the writing of the request to the arrival of the frame. */
  afterSend: number[];
}

type Connect = (options: DeviceOptions) => Promise<BenchDevice>;
type Server = Pick<PairedHoming, 'port' | 'liveKey' | 'number' | 'deviceToken'>;

const ROWS: Record<string, { p50?: Goal; p99?: Goal }> = {
  'bare ws': {},
  websocket: { p50: { atMost: 2 }, p99: { atMost: 10 } },
  'long-poll': { p99: { atMost: 20 } },
};

export async function measureHandOff({ rounds, seconds }: BenchOptions): Promise<Figure[]> {
  const results = new Map(Object.keys(ROWS).map((name) => [name, [] as Latencies[]]));
  for (let round = 1; round <= rounds; round += 1) {
    const measure = async (name: string, server: Server, connect: Connect) => {
      say(`round ${round} of ${rounds}: handoff, ${name}…`);
      results.get(name)!.push(await dispatcher(server, connect, name, seconds));
    };
    const floor = await startFloor('socket');
    const nobody = { liveKey: '', number: '+14155550100', deviceToken: '' };
    await measure('bare ws', { ...floor, ...nobody }, connectSocket).finally(floor.stop);
    const homing = await startPairedHoming();
    try {
      await measure('websocket', homing, connectSocket);
      await measure('long-poll', homing, connectPoll);
    } finally {
      await homing.stop();
    }
  }

  return [...results].flatMap(([name, measured]) => {
    const goals = ROWS[name]!;
    const of = (which: keyof Latencies, share: number) =>
      measured.map((latencies) => percentile(latencies[which], share));
    return [
      figure('handoff', `${name}: p50 after the 202`, 'ms', of('afterAnswer', 0.5), goals.p50),
      figure('handoff', `${name}: p99 after the 202`, 'ms', of('afterAnswer', 0.99), goals.p99),
      figure('handoff', `${name}: p50 after the send`, 'ms', of('afterSend', 0.5)),
      figure('handoff', `${name}: p99 after the send`, 'ms', of('afterSend', 0.99)),
    ];
  });
}

interface Traced {
  sentAt: number;
  answeredAt?: number;
  arrivedAt?: number;
}

async function dispatcher(
  server: Server,
  connect: Connect,
  name: string,
  seconds: number,
): Promise<Latencies> {
  const host = '127.0.0.1';
  /** By content, which both sides know from the first. */
  const traced = new Map<string, Traced>();
  const onDeliver = (items: readonly DeliverItem[], at: number) => {
    for (const { text } of items) {
      // What the device before this one did not get to report is given again, and is not counted.
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
    if (sender === undefined) throw new Error(`For a second nothing of ${PER_SECOND} sends was answered.`);
    const to = `+1415555${String(index % RECIPIENTS).padStart(4, '0')}`;
    const content = `Hello over ${name}, number ${index}`;
    const message: Traced = { sentAt: performance.now() };
    traced.set(content, message);
    const body = { to, from: server.number, content };
    const headers = { 'x-api-key': server.liveKey };
    sender.send(requestBytes({ method: 'POST', path: '/v1/messages/send', headers, body }), (status) => {
      message.answeredAt = performance.now();
      if (status !== 202) throw new Error(`A send was answered ${status}.`);
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

    const isThere = ({ answeredAt, arrivedAt }: Traced) =>
      answeredAt !== undefined && arrivedAt !== undefined;
    const deadline = performance.now() + ARRIVAL_MS;
    while (![...traced.values()].every(isThere)) {
      if (performance.now() > deadline) throw new Error('Not every message that was accepted arrived.');
      await sleep(20);
    }
  } finally {
    device.close();
    for (const sender of senders) sender.close();
  }
  const counted = [...traced.values()].slice(WARM_SECONDS * PER_SECOND);
  return {
    afterAnswer: counted.map(({ answeredAt, arrivedAt }) => Math.max(0, arrivedAt! - answeredAt!)),
    afterSend: counted.map(({ sentAt, arrivedAt }) => arrivedAt! - sentAt),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
