/** Tests that idle and slow connections cannot use up the file descriptors of the broker. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor, pairDevice } from '../support/http-client.ts';
import { hello, openSocket, poll } from '../support/raw-device.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PER_ADDRESS = 100;
/** A tenth of the limit, for health checks and devices. */
const RESERVE = 10;

/** The broker may open files meanwhile. */
const OTHER_DESCRIPTORS = 10;

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function open(homing: HomingProcess, text = ''): Promise<Socket> {
  const { hostname, port } = new URL(homing.url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}

const openMany = (homing: HomingProcess, count: number, text?: string) =>
  Promise.all(Array.from({ length: count }, () => open(homing, text)));

const descriptors = (homing: HomingProcess) => readdirSync(`/proc/${homing.pid()}/fd`).length;

/** Closed by the broker, in both directions: a write fails, too. */
const isClosed = (socket: Socket) => {
  socket.resume();
  if (socket.readableEnded && socket.writable) socket.write('x');
  return socket.destroyed || socket.errored !== null;
};

const slowBody = (homing: HomingProcess) =>
  `POST /v1/messages/send HTTP/1.1\r\nhost: x\r\nx-api-key: ${homing.testKey}\r\n` +
  'content-type: application/json\r\ncontent-length: 60000\r\n\r\n{';

describe('idle connections', () => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming();
  });
  afterAll(() => homing?.dispose());

  it.each([
    ['send nothing', ''],
    ['send half a header', 'GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: '],
    ['send an invalid request', 'nonsense\r\n\r\n'],
    [
      'ask for a WebSocket that does not exist',
      'GET /x HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    ],
  ])('are closed within 30 seconds if they %s', async (_name, text) => {
    const most = descriptors(homing) + OTHER_DESCRIPTORS;
    const opened = await openMany(homing, 50, text);
    const halfClosed = await openMany(homing, 50, text);
    for (const socket of halfClosed) socket.end();
    await until('every connection to be closed', () => [...opened, ...halfClosed].every(isClosed), 30_000);
    await until('the descriptors to be free', () => descriptors(homing) <= most);
  });

  it('5,000 of them leave room for the health check, devices and requests', async () => {
    const before = descriptors(homing);
    for (let i = 0; i < 10; i += 1) {
      await openMany(homing, 500);
      expect((await fetch(`${homing.url}/healthz`)).status).toBe(200);
    }
    // The default limit for each address is 1,000.
    expect(descriptors(homing) - before).toBeLessThan(1_110);
    expect((await clientFor(homing.url, homing.testKey).get('/v1/messages')).status).toBe(200);
    const { token } = await pairDevice(homing, '+14155558101');
    const device = await openSocket(homing.url, token);
    device.say(hello());
    await device.next('welcome');
    await openMany(homing, 1_000);
    device.say({ type: 'inbound', seq: 1, items: [] });
    expect(await device.next('ack')).toMatchObject({ seq: 1 });
    device.terminate();
  });
});

describe('busy connections', () => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_MAX_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS) });
  });
  afterAll(() => homing?.dispose());

  it('that send one byte a second are closed', async () => {
    const slow = await open(homing, slowBody(homing));
    const dripping = setInterval(() => slow.write(' '), 1_000);
    let response = '';
    slow.on('data', (text) => {
      response += text;
    });
    await until('the end of the slow request', () => isClosed(slow), 45_000);
    clearInterval(dripping);
    expect(response).toContain('HTTP/1.1 400');
    expect(response).toContain('too slowly');
  });

  it('up to the limit of an address leave room for the health check and devices only', async () => {
    const { token } = await pairDevice(homing, '+14155558102');
    const busy = await openMany(homing, PER_ADDRESS, slowBody(homing));
    const get = (path: string, headers = {}) =>
      fetch(`${homing.url}${path}`, { headers: { connection: 'close', ...headers } });
    // A connection counts as idle until its request arrives, and may be closed before.
    await until('429', async () => {
      busy.push(await open(homing, slowBody(homing)));
      return (await get('/v1/messages')).status === 429;
    });
    const rejected = await get('/v1/messages', { 'x-api-key': homing.testKey });
    expect([rejected.status, rejected.headers.get('retry-after')]).toEqual([429, '5']);
    expect(await rejected.json()).toMatchObject({ error: { code: 'rate_limited' } });
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    const polled = await poll(homing.url, token, { wait: 0, frames: [hello()] });
    expect([polled.status, polled.frames[0]?.type]).toEqual([200, 'welcome']);
    const device = await openSocket(homing.url, token);
    device.say(hello());
    await device.next('welcome');
    device.terminate();
    for (const socket of busy) socket.destroy();
    await until('room', async () => {
      const { status } = await get('/v1/messages', { 'x-api-key': homing.testKey });
      return status === 200;
    });
  });

  it('beyond the reserve are closed at once', async () => {
    const busy = await openMany(homing, PER_ADDRESS + RESERVE + 20, slowBody(homing));
    await until('20 closed connections', () => busy.filter(isClosed).length >= 20);
  });
});

describe('a broker that may open only 200 files', () => {
  it('still responds while 400 connections are idle', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'homing-files-'));
    const command = 'ulimit -n 200 && exec "$0" "$@"';
    const child = spawn('sh', ['-c', command, process.execPath, PROGRAM, 'serve', '--json'], {
      env: { ...process.env, HOMING_DATA_DIR: dataDir, HOMING_PORT: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = await once(createInterface(child.stdout), 'line');
      const { url } = JSON.parse(line) as { url: string };
      await openMany({ url } as HomingProcess, 400);
      for (const path of ['/healthz', '/readyz']) {
        const response = await fetch(`${url}${path}`, { headers: { connection: 'close' } });
        expect(response.status).toBe(200);
      }
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
