/**
 * Measures the delivery rate of webhooks: Homing reads pending events, signs, posts and records them; the baseline only
 * signs and posts. Receivers are separate processes and count the requests.
 */
import { type Metric, metric, ratios } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { type Baseline, makeFolder, removeFolder, startBaseline, startHoming } from '../programs.ts';
import { printProgress } from '../progress.ts';
import { seedEvents } from '../seed-webhooks.ts';

const WARM_SECONDS = 1;
/** Seeded events per second of measurement; more than any machine delivers. */
const EVENTS_PER_SECOND = 12_000;
/** Same length as the body that Homing posts. */
const BODY = JSON.stringify({
  ...{ id: 'evt_01m7ypkdxffkmb6tyeck3vccad', type: 'message.sent', timestamp: '2026-11-21T09:30:00.000Z' },
  data: {
    ...{ id: 'msg_01m7ypkdxffkmb6tyeck3vccad', from: '+14155550100', to: '+14155550101' },
    ...{ content: 'Hello from the bench', media_url: null, received_at: null },
    ...{ status: 'sent', error_code: null, error_message: null },
  },
});

export async function measureWebhooks({ rounds, seconds }: BenchOptions): Promise<Metric[]> {
  const bare: number[] = [];
  const alone: number[] = [];
  const withHanging: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const step = (name: string) => printProgress(`round ${round} of ${rounds}: webhooks, ${name}…`);
    step('bare sender');
    bare.push(await rateOfBaseline(seconds));
    step('homing');
    alone.push(await rateOfHoming(seconds, []));
    step('homing with a hanging receiver');
    withHanging.push(await rateOfHoming(seconds, ['hang']));
  }
  return [
    metric('webhooks', 'bare sender: rate', '/s', bare),
    metric('webhooks', 'homing: rate', '/s', alone),
    metric('webhooks', 'homing / bare sender', '×', ratios(alone, bare), { atLeast: 0.4 }),
    metric('webhooks', 'with a hanging receiver / alone', '×', ratios(withHanging, alone), { atLeast: 0.9 }),
  ];
}

async function rateOfBaseline(seconds: number): Promise<number> {
  const receiver = await startBaseline('receiver');
  const sender = await startBaseline('webhook-sender', String(receiver.port), BODY);
  try {
    return await rateAt(receiver, seconds);
  } finally {
    await sender.stop();
    await receiver.stop();
  }
}

async function rateOfHoming(seconds: number, others: readonly string[]): Promise<number> {
  const folder = makeFolder();
  const receiver = await startBaseline('receiver');
  const receivers = [receiver];
  for (const mode of others) receivers.push(await startBaseline('receiver', mode));
  const env = { HOMING_ALLOW_PRIVATE_URLS: '1' };
  await (await startHoming(folder, env)).stop();
  const urls = receivers.map(({ port }) => `http://127.0.0.1:${port}/hook`);
  seedEvents(folder, urls, EVENTS_PER_SECOND * (seconds + WARM_SECONDS));
  const homing = await startHoming(folder, env);
  try {
    return await rateAt(receiver, seconds);
  } finally {
    await homing.stop();
    for (const { stop } of receivers) await stop();
    removeFolder(folder);
  }
}

async function rateAt(receiver: Baseline, seconds: number): Promise<number> {
  await sleep(WARM_SECONDS);
  const before = await receiver.counters();
  const begin = performance.now();
  await sleep(seconds);
  const after = await receiver.counters();
  return ((after.received ?? 0) - (before.received ?? 0)) / ((performance.now() - begin) / 1000);
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
