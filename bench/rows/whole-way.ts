/**
 * The whole way: messages to many numbers, accepted over HTTP, handed to the device of each number, reported sent and
 * delivered, and told to a webhook, whose receiver counts. So many are under way at once; a new one is sent when a device
 * got one. Senders and devices are in this process.
 */
import { numberOf, writeDevices } from '../device-rows.ts';
import { type BenchDevice, connectSocket } from '../devices.ts';
import { type Figure, figure } from '../figures.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import type { BenchOptions } from '../options.ts';
import { canReadUsage, cpuSeconds } from '../process-usage.ts';
import { dropFolder, type Homing, makeFolder, startFloor, startHoming } from '../programs.ts';
import { say } from '../progress.ts';
import { writeWebhook } from '../webhook-rows.ts';

const DEVICES = 1_000;
const UNDER_WAY = 256;
const HANDSHAKES_AT_ONCE = 64;
const WARM_SECONDS = 2;
const RECIPIENTS = 4_000;

export async function measureWholeWay({ rounds, seconds }: BenchOptions): Promise<Figure[]> {
  const rates: number[] = [];
  const cores: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    say(`round ${round} of ${rounds}: whole way, ${DEVICES.toLocaleString('en-US')} devices…`);
    const { rate, core } = await wholeWay(seconds);
    rates.push(rate);
    cores.push(core);
  }
  return [
    figure('whole way', 'accepted, delivered, told to a webhook', '/s', rates, { atLeast: 2_000 }),
    ...(canReadUsage ? [figure('whole way', 'processor of the broker', '% core', cores)] : []),
  ];
}

async function wholeWay(seconds: number): Promise<{ rate: number; core: number }> {
  const folder = makeFolder();
  const receiver = await startFloor('receiver');
  const env = { HOMING_ALLOW_PRIVATE_URLS: '1' };
  const { liveKey, stop } = await startHoming(folder, env);
  await stop();
  const tokens = writeDevices(folder, DEVICES);
  writeWebhook(folder, `http://127.0.0.1:${receiver.port}/hook`, 'message.delivered');
  const homing = await startHoming(folder, env);
  const load = await startLoad({ ...homing, liveKey }, tokens);
  try {
    await sleep(WARM_SECONDS);
    const cpu = cpuOf(homing);
    const before = await receiver.ask();
    const begin = performance.now();
    await sleep(seconds);
    const after = await receiver.ask();
    const elapsed = (performance.now() - begin) / 1000;
    const rate = (after.received! - before.received!) / elapsed;
    return { rate, core: ((cpuOf(homing) - cpu) / elapsed) * 100 };
  } finally {
    load.stop();
    await homing.stop();
    await receiver.stop();
    dropFolder(folder);
  }
}

async function startLoad({ port, liveKey }: Homing, tokens: readonly string[]) {
  const host = '127.0.0.1';
  let isOver = false;
  let next = 0;
  let owed = UNDER_WAY;
  const senders: HttpConnection[] = [];
  const send = () => {
    while (owed > 0 && !isOver) {
      const sender = senders.find(({ isBusy }) => !isBusy);
      if (sender === undefined) return;
      owed -= 1;
      next += 1;
      const to = `+1415555${String(next % RECIPIENTS).padStart(4, '0')}`;
      const body = { to, from: numberOf(next % tokens.length), content: `The whole way, number ${next}` };
      const headers = { 'x-api-key': liveKey };
      sender.send(requestBytes({ method: 'POST', path: '/v1/messages/send', headers, body }), (status) => {
        if (status !== 202) throw new Error(`A send was answered ${status}.`);
        send();
      });
    }
  };
  const onDeliver = (items: readonly unknown[]) => {
    owed += items.length;
    send();
  };
  const devices: BenchDevice[] = [];
  let index = 0;
  const connectSome = async () => {
    for (let token = tokens[index++]; token !== undefined; token = tokens[index++]) {
      devices.push(await connectSocket({ host, port, token, onDeliver, states: ['sent', 'delivered'] }));
    }
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, connectSome));
  const onLost = (error: Error) => {
    if (!isOver) throw error;
  };
  for (let opened = 0; opened < UNDER_WAY; opened += 1)
    senders.push(await HttpConnection.open(host, port, onLost));
  send();
  return {
    stop() {
      isOver = true;
      for (const device of devices) device.close();
      for (const sender of senders) sender.close();
    },
  };
}

function cpuOf({ pid }: Homing): number {
  return canReadUsage ? cpuSeconds(pid) : Number.NaN;
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
