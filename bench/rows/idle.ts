/**
 * Measures idle devices: the memory of the server per connected device, and its CPU usage for all of them.
 * The baselines are a bare `ws` server and a node:http server that parks polls.
 */

import { type BenchDevice, connectPoll, connectSocket, type DeviceOptions } from '../devices.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import { type Goal, type Metric, metric, percentile } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { canReadUsage, cpuSeconds, residentKib } from '../process-usage.ts';
import { makeFolder, type Program, removeFolder, startBaseline, startHoming } from '../programs.ts';
import { printProgress } from '../progress.ts';
import { seedDevices } from '../seed-devices.ts';

/** Includes one heartbeat (every 25 s) and one write of the last-seen times (every 30 s) of the broker. */
const IDLE_SECONDS = 31;
/** The baselines do nothing while idle; V8 needs this time to return garbage. */
const BASELINE_IDLE_SECONDS = 8;
const SETTLE_SECONDS = 3;
const PROBE_MS = 50;
const HANDSHAKES_AT_ONCE = 64;
/** Each address has a separate range of client ports. Linux listens on all of 127.0.0.0/8. */
const ADDRESSES = 4;

type Connect = (options: DeviceOptions) => Promise<BenchDevice>;

interface Case {
  name: string;
  connect: Connect;
  idleSeconds: number;
  memoryGoal?: Goal;
  start(): Promise<{ server: Program; tokens: readonly string[]; stop(): Promise<void> }>;
}

export async function measureIdle({ devices }: BenchOptions): Promise<Metric[]> {
  if (!canReadUsage) {
    printProgress('idle: skipped; it reads /proc, which exists only on Linux.');
    return [];
  }
  const startBare = (baseline: string) => async () => {
    const server = await startBaseline(baseline);
    return { server, tokens: Array.from({ length: devices }, () => ''), stop: server.stop };
  };
  const start = () => startWithDevices(devices);
  const baseline = { idleSeconds: BASELINE_IDLE_SECONDS };
  const homing = { idleSeconds: IDLE_SECONDS, start };
  const cases: Case[] = [
    { name: 'bare ws', connect: connectSocket, start: startBare('websocket'), ...baseline },
    { name: 'websocket', connect: connectSocket, memoryGoal: { atMost: 15 }, ...homing },
    { name: 'bare poll', connect: connectPoll, start: startBare('poll'), ...baseline },
    { name: 'long-poll', connect: connectPoll, memoryGoal: { atMost: 25 }, ...homing },
  ];
  const metrics: Metric[] = [];
  for (const idle of cases) {
    printProgress(`idle: ${devices.toLocaleString('en-US')} devices, ${idle.name}…`);
    metrics.push(...(await measure(idle)));
  }
  return metrics;
}

async function measure({ name, connect, idleSeconds, memoryGoal, start }: Case): Promise<Metric[]> {
  const { server, tokens, stop } = await start();
  const { port, pid } = server;
  try {
    // The first 2 % make V8 compile the code, which is a cost of the process and not of a device.
    const first = Math.ceil(tokens.length / 50);
    const devices = await connectAll(connect, port, tokens.slice(0, first));
    await sleep(SETTLE_SECONDS);
    const before = residentKib(pid);
    const begin = performance.now();
    devices.push(...(await connectAll(connect, port, tokens.slice(first))));
    const connectSeconds = (performance.now() - begin) / 1000;
    await sleep(SETTLE_SECONDS);

    const cpu = cpuSeconds(pid);
    const { lowestKib, probes } = await watch(pid, port, idleSeconds);
    const core = (cpuSeconds(pid) - cpu) / idleSeconds;
    for (const device of devices) device.close();
    const perDevice = (lowestKib - before) / (tokens.length - first);
    const perSecond = (tokens.length - first) / connectSeconds;
    return [
      metric('idle', `${name}: memory per device`, 'KiB', [perDevice], memoryGoal),
      metric('idle', `${name}: CPU, all devices`, '% core', [core * 100]),
      metric('idle', `${name}: /healthz latency, p99`, 'ms', [percentile(probes, 0.99)]),
      metric('idle', `${name}: /healthz latency, maximum`, 'ms', [Math.max(...probes)]),
      metric('idle', `${name}: connection rate`, '/s', [perSecond]),
    ];
  } finally {
    await stop();
  }
}

/** Polls `/healthz`, which responds late when the event loop of the server is blocked. */
async function watch(pid: number, port: number, seconds: number) {
  const probe = await HttpConnection.open('127.0.0.1', port, () => {});
  const health = requestBytes({ method: 'GET', path: '/healthz' });
  const probes: number[] = [];
  let lowestKib = Number.POSITIVE_INFINITY;
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const sentAt = performance.now();
    await probe.exchange(health);
    probes.push(performance.now() - sentAt);
    lowestKib = Math.min(lowestKib, residentKib(pid));
    await sleep(PROBE_MS / 1000);
  }
  probe.close();
  return { lowestKib, probes };
}

async function startWithDevices(count: number) {
  const folder = makeFolder();
  await (await startHoming(folder)).stop();
  const tokens = seedDevices(folder, count);
  const server = await startHoming(folder, { HOMING_HOST: '0.0.0.0' });
  const stop = async () => {
    await server.stop();
    removeFolder(folder);
  };
  return { server, tokens, stop };
}

async function connectAll(connect: Connect, port: number, tokens: readonly string[]): Promise<BenchDevice[]> {
  const devices: BenchDevice[] = [];
  let next = 0;
  const connectSome = async () => {
    for (let token = tokens[next++]; token !== undefined; token = tokens[next++]) {
      const host = `127.0.0.${1 + (next % ADDRESSES)}`;
      devices.push(await connect({ host, port, token, onDeliver: () => {} }));
    }
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, connectSome));
  return devices;
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
