/**
 * Webhooks: events that wait in the database are read, signed, posted and recorded, beside a bare sender that signs and
 * posts. Receivers are processes of their own, and count.
 */
import { type Figure, figure, ratios } from '../figures.ts';
import type { BenchOptions } from '../options.ts';
import { dropFolder, type Floor, makeFolder, startFloor, startHoming } from '../programs.ts';
import { say } from '../progress.ts';
import { writeWebhooks } from '../webhook-rows.ts';

const WARM_SECONDS = 1;
/** More than any machine delivers in a second. */
const EVENTS_PER_SECOND = 12_000;
/** As long as the body that Homing posts. */
const BODY = JSON.stringify({
  ...{ id: 'evt_01m7ypkdxffkmb6tyeck3vccad', type: 'message.sent', timestamp: '2026-11-21T09:30:00.000Z' },
  data: {
    ...{ id: 'msg_01m7ypkdxffkmb6tyeck3vccad', from: '+14155550100', to: '+14155550101' },
    ...{ content: 'Hello from the bench', media_url: null, received_at: null },
    ...{ status: 'sent', error_code: null, error_message: null },
  },
});

export async function measureWebhooks({ rounds, seconds }: BenchOptions): Promise<Figure[]> {
  const bare: number[] = [];
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const step = (name: string) => say(`round ${round} of ${rounds}: webhooks, ${name}…`);
    step('bare sender');
    bare.push(await rateOfBare(seconds));
    step('homing');
    alone.push(await rateOfHoming(seconds, []));
    step('homing beside a receiver that hangs');
    beside.push(await rateOfHoming(seconds, ['hang']));
  }
  return [
    figure('webhooks', 'bare sender: rate', '/s', bare),
    figure('webhooks', 'homing: rate', '/s', alone),
    figure('webhooks', 'homing / bare sender', '×', ratios(alone, bare), { atLeast: 0.4 }),
    figure('webhooks', 'beside one that hangs / alone', '×', ratios(beside, alone), { atLeast: 0.9 }),
  ];
}

async function rateOfBare(seconds: number): Promise<number> {
  const receiver = await startFloor('receiver');
  const sender = await startFloor('webhook-sender', String(receiver.port), BODY);
  try {
    return await rateAt(receiver, seconds);
  } finally {
    await sender.stop();
    await receiver.stop();
  }
}

async function rateOfHoming(seconds: number, others: readonly string[]): Promise<number> {
  const folder = makeFolder();
  const receivers = [await startFloor('receiver')];
  for (const how of others) receivers.push(await startFloor('receiver', how));
  const env = { HOMING_ALLOW_PRIVATE_URLS: '1' };
  await (await startHoming(folder, env)).stop();
  const urls = receivers.map(({ port }) => `http://127.0.0.1:${port}/hook`);
  writeWebhooks(folder, urls, EVENTS_PER_SECOND * (seconds + WARM_SECONDS));
  const homing = await startHoming(folder, env);
  try {
    return await rateAt(receivers[0]!, seconds);
  } finally {
    await homing.stop();
    for (const receiver of receivers) await receiver.stop();
    dropFolder(folder);
  }
}

async function rateAt(receiver: Floor, seconds: number): Promise<number> {
  await sleep(WARM_SECONDS);
  const before = await receiver.ask();
  const begin = performance.now();
  await sleep(seconds);
  const after = await receiver.ask();
  return (after.received! - before.received!) / ((performance.now() - begin) / 1000);
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
