/**
 * Measures the built relay agent with a chat.db of 100,000 messages: CPU usage while idle, latency of inbound texts,
 * opening time of chat.db and duration of a full import.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ChatDatabase } from '../../relay-agent/chat-db/chat-database.ts';
import { FakeMac } from '../../test/support/fake-mac/fake-mac.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import { type Metric, metric, percentile } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { canReadUsage, cpuSeconds, residentKib } from '../process-usage.ts';
import { type PairedHoming, startPairedHoming } from '../programs.ts';
import { printProgress } from '../progress.ts';

const IDLE_SECONDS = 15;
const TEXTS = 40;
/** Out of phase with the tick of the agent, once a second. */
const PAUSE_MS = 230;
const SENDER = '+14155550100';

export async function measureMacAgent({ rounds, chatRows }: BenchOptions): Promise<Metric[]> {
  const homing = await startPairedHoming();
  const mac = new FakeMac({ url: `http://127.0.0.1:${homing.port}`, token: homing.deviceToken });
  try {
    printProgress(`mac: writing a chat.db of ${chatRows.toLocaleString('en-US')} messages…`);
    mac.fill(chatRows);
    const openingTimes = Array.from({ length: rounds }, () => openSeconds(join(mac.folder, 'chat.db')));
    printProgress('mac: inbound texts…');
    mac.start();
    await waitUntilConnected(mac);
    const latencies = await textLatencies(mac, homing);
    const idle = canReadUsage ? await idleMetrics(mac.pid()) : [];
    printProgress('mac: import…');
    const imported = await mac.relay('import', '--since', 'all', '--json');
    if (imported.status !== 0)
      throw new Error(`The import exited with ${imported.status}: ${imported.stderr}`);
    const { seconds, stored } = JSON.parse(imported.stdout);
    if (stored !== chatRows) throw new Error(`${stored} of ${chatRows} messages were imported.`);
    return [
      metric('mac', 'chat.db opening time', 's', openingTimes, { atMost: 0.2 }),
      metric('mac', 'inbound latency, p50', 'ms', [percentile(latencies, 0.5)]),
      metric('mac', 'inbound latency, p99', 'ms', [percentile(latencies, 0.99)], { atMost: 150 }),
      ...idle,
      metric('mac', 'full import', 's', [seconds], { atMost: 120 }),
    ];
  } finally {
    await mac.dispose();
    await homing.stop();
  }
}

/** Opens chat.db and runs the first queries of the agent. */
function openSeconds(file: string): number {
  const begin = performance.now();
  const chat = new ChatDatabase(file);
  const last = chat.lastRowId();
  chat.after(last - 200, 200);
  chat.changedIn(last - 1_000, last);
  const seconds = (performance.now() - begin) / 1000;
  chat.close();
  return seconds;
}

async function waitUntilConnected(mac: FakeMac): Promise<void> {
  while (!mac.stderr().includes('Connected')) {
    if (!mac.isRunning()) throw new Error(`The agent exited: ${mac.stderr()}`);
    await wait(20);
  }
}

/** Measures from the commit of the row to the first response of the broker that contains it, polled without a pause. */
async function textLatencies(mac: FakeMac, { port, liveKey }: PairedHoming): Promise<number[]> {
  const connection = await HttpConnection.open('127.0.0.1', port, () => {});
  const headers = { 'x-api-key': liveKey };
  const newest = requestBytes({ method: 'GET', path: '/v1/messages?direction=inbound&limit=1', headers });
  const latencies: number[] = [];
  for (let text = 0; text < TEXTS; text += 1) {
    await wait(PAUSE_MS);
    mac.receive(SENDER, `text ${text}`);
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

async function idleMetrics(pid: number): Promise<Metric[]> {
  printProgress(`mac: ${IDLE_SECONDS} s idle…`);
  await wait(5_000);
  const before = cpuSeconds(pid);
  await wait(IDLE_SECONDS * 1000);
  const core = (cpuSeconds(pid) - before) / IDLE_SECONDS;
  return [
    metric('mac', 'CPU while idle', '% core', [core * 100], { atMost: 0.2 }),
    metric('mac', 'memory', 'MiB', [residentKib(pid) / 1024]),
  ];
}
