/**
 * Idle devices: what each connected device that has nothing to do takes of the server's memory, and what all
 * of them together take of its processor. Beside them the floors: a bare `ws` server, and bare node:http that
 * parks requests.
 */

import { writeDevices } from '../device-rows.ts';
import { type BenchDevice, connectPoll, connectSocket, type DeviceOptions } from '../devices.ts';
import { type Figure, figure, type Goal, percentile } from '../figures.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import type { BenchOptions } from '../options.ts';
import { canReadUsage, cpuSeconds, residentKib } from '../process-usage.ts';
import { dropFolder, makeFolder, type Program, startFloor, startHoming } from '../programs.ts';
import { say } from '../progress.ts';

/** Longer than the broker's heartbeat (25 s) and its writing down of who was seen (30 s): one of each is in it. */
const IDLE_SECONDS = 31;
/** The floors do nothing while idle; this is for V8 to give its garbage back. */
const FLOOR_IDLE_SECONDS = 8;
const SETTLE_SECONDS = 3;
const PROBE_MS = 50;
const HANDSHAKES_AT_ONCE = 64;
/** Each address is a port range of its own; Linux answers on all of 127.0.0.0/8. */
const ADDRESSES = 4;

type Connect = (options: DeviceOptions) => Promise<BenchDevice>;

interface Case {
  name: string;
  connect: Connect;
  idleSeconds: number;
  memoryGoal?: Goal;
  start(): Promise<{ server: Program; tokens: readonly string[]; stop(): Promise<void> }>;
}

export async function measureIdle({ devices }: BenchOptions): Promise<Figure[]> {
  if (!canReadUsage) {
    say('idle: left out, since it reads /proc, which only Linux has.');
    return [];
  }
  const startBare = (floor: string) => async () => {
    const server = await startFloor(floor);
    return { server, tokens: Array.from({ length: devices }, () => ''), stop: server.stop };
  };
  const start = () => startWithDevices(devices);
  const floor = { idleSeconds: FLOOR_IDLE_SECONDS };
  const homing = { idleSeconds: IDLE_SECONDS, start };
  const cases: Case[] = [
    { name: 'bare ws', connect: connectSocket, start: startBare('socket'), ...floor },
    { name: 'websocket', connect: connectSocket, memoryGoal: { atMost: 15 }, ...homing },
    { name: 'bare parked', connect: connectPoll, start: startBare('parked'), ...floor },
    { name: 'long-poll', connect: connectPoll, memoryGoal: { atMost: 25 }, ...homing },
  ];
  const figures: Figure[] = [];
  for (const idle of cases) {
    say(`idle: ${devices.toLocaleString('en-US')} devices, ${idle.name}…`);
    figures.push(...(await measure(idle)));
  }
  return figures;
}

async function measure({ name, connect, idleSeconds, memoryGoal, start }: Case): Promise<Figure[]> {
  const { server, tokens, stop } = await start();
  const { port, pid } = server;
  try {
    // A first few compile the code, which is the process's cost and not a device's.
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
    const each = (lowestKib - before) / (tokens.length - first);
    const perSecond = (tokens.length - first) / connectSeconds;
    return [
      figure('idle', `${name}: memory a device`, 'KiB', [each], memoryGoal),
      figure('idle', `${name}: processor, all devices`, '% core', [core * 100]),
      figure('idle', `${name}: another request, p99`, 'ms', [percentile(probes, 0.99)]),
      figure('idle', `${name}: another request, longest`, 'ms', [Math.max(...probes)]),
      figure('idle', `${name}: devices connected`, '/s', [perSecond]),
    ];
  } finally {
    await stop();
  }
}

/** `/healthz` at a steady pace, answered late when something keeps the server's event loop. */
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
  const tokens = writeDevices(folder, count);
  const server = await startHoming(folder, { HOMING_HOST: '0.0.0.0' });
  const stop = async () => {
    await server.stop();
    dropFolder(folder);
  };
  return { server, tokens, stop };
}

async function connectAll(connect: Connect, port: number, tokens: readonly string[]): Promise<BenchDevice[]> {
  const devices: BenchDevice[] = [];
  let next = 0;
  const connectSome = async () => {
    for (let index = next++; index < tokens.length; index = next++) {
      const host = `127.0.0.${1 + (index % ADDRESSES)}`;
      const options = { host, port, token: tokens[index]!, onDeliver: () => {} };
      devices.push(await connect(options));
    }
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, connectSome));
  return devices;
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
