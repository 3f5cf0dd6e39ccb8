/**
 * Measures the end-to-end rate. Messages of many numbers are accepted over HTTP, dispatched to the device of each
 * number, reported as sent and delivered, and posted to a webhook, whose receiver counts them.
 * A fixed number of messages is in flight: a new one is sent when a device has received one. Senders and devices run in
 * this process.
 */

import { type BenchDevice, connectSocket } from '../devices.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import { type Metric, metric } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { canReadUsage, cpuSeconds } from '../process-usage.ts';
import {
  type Homing,
  makeFolder,
  migrateDatabase,
  removeFolder,
  startBaseline,
  startHoming,
} from '../programs.ts';
import { printProgress } from '../progress.ts';
import { numberOfDevice, seedDevices } from '../seed-devices.ts';
import { seedWebhook } from '../seed-webhooks.ts';

const DEVICES = 1_000;
const IN_FLIGHT = 256;
const HANDSHAKES_AT_ONCE = 64;
const WARM_SECONDS = 2;
const RECIPIENTS = 4_000;

export async function measureEndToEnd({ rounds, seconds }: BenchOptions): Promise<Metric[]> {
  const rates: number[] = [];
  const cores: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    printProgress(`round ${round} of ${rounds}: end to end, ${DEVICES.toLocaleString('en-US')} devices…`);
    const { rate, core } = await measureRate(seconds);
    rates.push(rate);
    cores.push(core);
  }
  return [
    metric('end-to-end', 'message rate', '/s', rates, { atLeast: 2_000 }),
    ...(canReadUsage ? [metric('end-to-end', 'broker CPU', '% core', cores)] : []),
  ];
}

export interface EndToEnd {
  /** Messages per second whose webhook request arrived. */
  rate: number;
  /** Processor usage of all brokers, in percent of a core. */
  core: number;
}

/** `databaseUrl`: an empty database on PostgreSQL, which `count` brokers use; undefined: one broker on SQLite. */
export async function measureRate(
  seconds: number,
  { databaseUrl, count = 1 }: { databaseUrl?: string; count?: number } = {},
): Promise<EndToEnd> {
  const folders = [makeFolder()];
  const folder = folders[0] ?? '';
  const receiver = await startBaseline('receiver');
  const env = { HOMING_ALLOW_PRIVATE_URLS: '1' };
  const { liveKey, stop } = await startHoming(folder, env);
  await stop();
  const tokens = seedDevices(folder, DEVICES);
  seedWebhook(folder, `http://127.0.0.1:${receiver.port}/hook`, 'message.delivered');
  const onDatabase = databaseUrl === undefined ? env : { ...env, DATABASE_URL: databaseUrl };
  if (databaseUrl !== undefined) await migrateDatabase(folder, onDatabase);
  const brokers = [await startHoming(folder, onDatabase)];
  while (brokers.length < count) {
    folders.push(makeFolder());
    brokers.push(await startHoming(folders.at(-1) ?? '', onDatabase));
  }
  const load = await startLoad(brokers, liveKey, tokens);
  try {
    await sleep(WARM_SECONDS);
    const cpu = cpuOf(brokers);
    const before = await receiver.counters();
    const begin = performance.now();
    await sleep(seconds);
    const after = await receiver.counters();
    const elapsed = (performance.now() - begin) / 1000;
    const rate = ((after.received ?? 0) - (before.received ?? 0)) / elapsed;
    return { rate, core: ((cpuOf(brokers) - cpu) / elapsed) * 100 };
  } finally {
    load.stop();
    for (const broker of brokers) await broker.stop();
    await receiver.stop();
    for (const each of folders) removeFolder(each);
  }
}

/** Devices and senders connect to the brokers in turn. */
async function startLoad(brokers: readonly Homing[], liveKey: string, tokens: readonly string[]) {
  const host = '127.0.0.1';
  const portOf = (place: number) => brokers[place % brokers.length]?.port ?? 0;
  let isStopped = false;
  let next = 0;
  let missing = IN_FLIGHT;
  const senders: HttpConnection[] = [];
  const send = () => {
    while (missing > 0 && !isStopped) {
      const sender = senders.find(({ isBusy }) => !isBusy);
      if (sender === undefined) return;
      missing -= 1;
      next += 1;
      const to = `+1415555${String(next % RECIPIENTS).padStart(4, '0')}`;
      const body = { to, from: numberOfDevice(next % tokens.length), content: `End to end, number ${next}` };
      const headers = { 'x-api-key': liveKey };
      sender.send(requestBytes({ method: 'POST', path: '/v1/messages/send', headers, body }), (status) => {
        if (status !== 202) throw new Error(`A send returned ${status}.`);
        send();
      });
    }
  };
  const onDeliver = (items: readonly unknown[]) => {
    missing += items.length;
    send();
  };
  const devices: BenchDevice[] = [];
  let index = 0;
  const connectSome = async () => {
    for (let place = index++; place < tokens.length; place = index++) {
      const [token = '', port] = [tokens[place], portOf(place)];
      devices.push(await connectSocket({ host, port, token, onDeliver, states: ['sent', 'delivered'] }));
    }
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, connectSome));
  const onLost = (error: Error) => {
    if (!isStopped) throw error;
  };
  for (let opened = 0; opened < IN_FLIGHT; opened += 1)
    senders.push(await HttpConnection.open(host, portOf(opened), onLost));
  send();
  return {
    stop() {
      isStopped = true;
      for (const device of devices) device.close();
      for (const sender of senders) sender.close();
    },
  };
}

function cpuOf(brokers: readonly Homing[]): number {
  return canReadUsage ? brokers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0) : Number.NaN;
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
