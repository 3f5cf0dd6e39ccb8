/**
 * The Mac agent, the built program beside a chat.db of 100,000 messages: what it takes while nothing happens, how
 * soon a text that comes in is at the broker, how long chat.db takes to open, and the import of all of it.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ChatDatabase } from '../../relay-agent/chat-db/chat-database.ts';
import { FakeMac } from '../../test/support/fake-mac/fake-mac.ts';
import { type Figure, figure, percentile } from '../figures.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import type { BenchOptions } from '../options.ts';
import { canReadUsage, cpuSeconds, residentKib } from '../process-usage.ts';
import { type PairedHoming, startPairedHoming } from '../programs.ts';
import { say } from '../progress.ts';

const IDLE_SECONDS = 15;
const TEXTS = 40;
/** Not in step with the agent's look once a second. */
const PAUSE_MS = 230;
const PERSON = '+14155550100';

export async function measureMacAgent({ rounds, chatRows }: BenchOptions): Promise<Figure[]> {
  const homing = await startPairedHoming();
  const mac = new FakeMac({ url: `http://127.0.0.1:${homing.port}`, token: homing.deviceToken });
  try {
    say(`mac agent: writing a chat.db of ${chatRows.toLocaleString('en-US')} messages…`);
    mac.fill(chatRows);
    const opens = Array.from({ length: rounds }, () => openSeconds(join(mac.folder, 'chat.db')));
    say('mac agent: texts that come in…');
    mac.start();
    await connected(mac);
    const latencies = await textLatencies(mac, homing);
    const idle = canReadUsage ? await idleFigures(mac.pid()) : [];
    say('mac agent: import…');
    const imported = await mac.relay('import', '--since', 'all', '--json');
    if (imported.status !== 0)
      throw new Error(`The import ended with ${imported.status}: ${imported.stderr}`);
    const { seconds, stored } = JSON.parse(imported.stdout);
    if (stored !== chatRows) throw new Error(`${stored} of ${chatRows} messages were imported.`);
    return [
      figure('mac agent', 'chat.db opened', 's', opens, { atMost: 0.2 }),
      figure('mac agent', 'new row at the broker, p50', 'ms', [percentile(latencies, 0.5)]),
      figure('mac agent', 'new row at the broker, p99', 'ms', [percentile(latencies, 0.99)], { atMost: 150 }),
      ...idle,
      figure('mac agent', 'import of all of it', 's', [seconds], { atMost: 120 }),
    ];
  } finally {
    await mac.dispose();
    await homing.stop();
  }
}

/** As the agent does it before it connects, and its first look. */
function openSeconds(file: string): number {
  const begin = performance.now();
  const chat = new ChatDatabase(file);
  const last = chat.lastRowId();
  chat.after(last - 200, 200);
  chat.changedAfter(last - 1_000);
  const seconds = (performance.now() - begin) / 1000;
  chat.close();
  return seconds;
}

async function connected(mac: FakeMac): Promise<void> {
  while (!mac.stderr().includes('Connected')) {
    if (!mac.isRunning()) throw new Error(`The agent ended: ${mac.stderr()}`);
    await wait(20);
  }
}

/** From the commit of the row to the first answer of the broker that has it, asked without a pause. */
async function textLatencies(mac: FakeMac, { port, liveKey }: PairedHoming): Promise<number[]> {
  const connection = await HttpConnection.open('127.0.0.1', port, () => {});
  const headers = { 'x-api-key': liveKey };
  const newest = requestBytes({ method: 'GET', path: '/v1/messages?direction=inbound&limit=1', headers });
  const latencies: number[] = [];
  for (let text = 0; text < TEXTS; text += 1) {
    await wait(PAUSE_MS);
    mac.receive(PERSON, `text ${text}`);
    const begin = performance.now();
    for (;;) {
      const { body } = await connection.exchange(newest);
      if (body.includes(`"text ${text}"`)) break;
    }
    latencies.push(performance.now() - begin);
  }
  connection.close();
  return latencies;
}

async function idleFigures(pid: number): Promise<Figure[]> {
  say(`mac agent: ${IDLE_SECONDS} s in which nothing happens…`);
  await wait(5_000);
  const before = cpuSeconds(pid);
  await wait(IDLE_SECONDS * 1000);
  const core = (cpuSeconds(pid) - before) / IDLE_SECONDS;
  return [
    figure('mac agent', 'processor while idle', '% core', [core * 100], { atMost: 0.2 }),
    figure('mac agent', 'memory', 'MiB', [residentKib(pid) / 1024]),
  ];
}
