/** Tests that a device with a valid token cannot stop the broker: floods of frames, and a device that never reads. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { pairDevice } from '../support/http-client.ts';
import { hello, openSocket } from '../support/raw-device.ts';
import { until } from '../support/until.ts';

const MB = 1024 * 1024;

let homing: HomingProcess;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());

let numbers = 0;
async function token(): Promise<string> {
  numbers += 1;
  return (await pairDevice(homing, `+1415555${8000 + numbers}`)).token;
}

/** Opens a WebSocket without a client library, which would read and answer. */
async function openRaw(deviceToken: string): Promise<Socket> {
  const { hostname, port } = new URL(homing.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(
    'GET /relay/v1/session HTTP/1.1\r\nhost: homing.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
      `sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nauthorization: Bearer ${deviceToken}\r\n\r\n`,
  );
  const [head] = await once(socket, 'data');
  expect(String(head)).toContain('101 Switching Protocols');
  socket.pause();
  return socket;
}

/** A masked text frame with an empty mask. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126
      ? Buffer.from([0x80 | payload.length])
      : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([Buffer.from([0x81]), length, Buffer.alloc(4), payload]);
}

/** Writes until the broker closes the connection, or stops reading for a second. */
async function flood(socket: Socket, frame: Buffer, maxBytes: number): Promise<void> {
  const chunk = Buffer.concat(Array.from({ length: Math.ceil(65_536 / frame.length) }, () => frame));
  for (let bytes = 0; bytes < maxBytes && !socket.destroyed; bytes += chunk.length) {
    if (socket.write(chunk)) continue;
    const waiting = new AbortController();
    const { signal } = waiting;
    const state = await Promise.race([
      once(socket, 'drain', { signal }).catch(() => 'closed'),
      once(socket, 'close', { signal }).catch(() => 'closed'),
      new Promise((resolve) => setTimeout(resolve, 1_000, 'stalled')),
    ]);
    waiting.abort();
    if (state === 'stalled') return;
  }
}

const isClosed = (socket: Socket) =>
  until('the end of the connection', () => {
    // Reading shows the end, which a paused socket does not notice.
    socket.resume();
    return socket.destroyed || socket.readableEnded;
  });

const residentMb = () =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${homing.pid()}/status`, 'utf8'))?.[1]) / 1024;

/** Returns the longest time that /healthz took during the work. */
async function slowestHealth(work: Promise<unknown>): Promise<number> {
  let isDone = false;
  let slowest = 0;
  const finished = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const start = performance.now();
    expect((await fetch(`${homing.url}/healthz`)).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - start);
  }
  await finished;
  return slowest;
}

describe('a device without a hello', () => {
  it.concurrent('is disconnected after 30 seconds', async () => {
    const socket = await openSocket(homing.url, await token());
    expect(await socket.closed).toBe(1008);
  });
});

describe('a device that never reads', () => {
  it.each([
    ['frames that are not JSON', 'x'],
    ['unknown frames', '{"type":"junk"}'],
    ['binary garbage in JSON', `{"type":"report","seq":1,"items":[${'{},'.repeat(50)}{}]}`],
    ['hello frames', JSON.stringify(hello())],
  ])('is disconnected if it floods the broker with %s', async (_name, text) => {
    const socket = await openRaw(await token());
    const before = residentMb();
    const slowest = await slowestHealth(flood(socket, textFrame(text), 20 * MB));
    await isClosed(socket);
    socket.destroy();
    // Without limits, this took 9.5 s and 1.5 GB.
    expect(slowest).toBeLessThan(3_000);
    expect(residentMb() - before).toBeLessThan(300);
  });

  it('is logged once', async () => {
    const socket = await openRaw(await token());
    const before = homing.log().split('\n').length;
    await flood(socket, textFrame(JSON.stringify(hello())), 5 * MB);
    await isClosed(socket);
    socket.destroy();
    const lines = homing
      .log()
      .split('\n')
      .slice(before - 1);
    expect(lines.filter((line) => line.includes('device abusive'))).toHaveLength(1);
    expect(lines.length).toBeLessThan(30);
  });
});

describe('other devices', () => {
  it('send a thousand valid frames at once without a disconnect', async () => {
    const socket = await openSocket(homing.url, await token());
    socket.say(hello());
    await socket.next('welcome');
    for (let seq = 1; seq <= 1_000; seq++) socket.say({ type: 'inbound', seq, items: [] });
    await until(
      'every acknowledgement',
      () => socket.received.filter(({ type }) => type === 'ack').length === 1_000,
    );
    expect(socket.received.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    socket.terminate();
  });

  it('may send some invalid frames', async () => {
    const socket = await openSocket(homing.url, await token());
    socket.say(hello());
    await socket.next('welcome');
    for (let i = 0; i < 50; i++) socket.say('junk');
    socket.say({ type: 'inbound', seq: 7, items: [] });
    expect(await socket.next('ack')).toMatchObject({ seq: 7 });
    socket.terminate();
  });
});
