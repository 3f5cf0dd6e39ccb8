/** Tests look-ups of handles: the own messages, a connected device, the cache and the sandbox. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor, expectError } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type PairedLine, pairedLine } from '../../support/paired-line.ts';
import { hello, openSocket, type RawSocket } from '../../support/raw-device.ts';

const NOW = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);

let broker: RunningBroker;
let line: PairedLine;
let handles = 0;
beforeAll(async () => {
  broker = await startInProcess();
  line = await pairedLine(broker);
});
afterAll(() => broker?.dispose());

const newHandle = () => `+1415559${1000 + ++handles}`;
const lookUp = (handle: string) => line.client.get(`/v1/lookup?handle=${encodeURIComponent(handle)}`);

async function connect(
  capabilities: readonly string[] = ['imessage', 'journal', 'lookup'],
): Promise<RawSocket> {
  const socket = await openSocket(broker.url, line.token);
  socket.say(hello({ capabilities }));
  await socket.next('welcome');
  return socket;
}

it('the newest own message with a service decides, without a device', async () => {
  const handle = newHandle();
  const ended = { handle, status: 'sent', expiresAt: 1 } as const;
  await line.queue({ ...ended, service: 'imessage' });
  await line.queue({ ...ended, service: 'rcs' });
  await line.queue({ ...ended, service: null });
  expect((await lookUp(handle)).body).toEqual({ handle, service: 'sms', source: 'history', checked_at: NOW });
  await line.queue({ ...ended, status: 'received', direction: 'inbound', service: 'imessage' });
  expect((await lookUp(handle)).body).toMatchObject({ service: 'imessage', source: 'history' });
});

it('a device is asked once for concurrent and later look-ups, also for an e-mail address', async () => {
  const socket = await connect();
  const handle = `Ada${Date.now()}@example.org`;
  const both = Promise.all([lookUp(handle), lookUp(handle)]);
  const request = await socket.next('request');
  expect(request).toMatchObject({ op: 'lookup', handle: handle.toLowerCase() });
  socket.say({ type: 'answer', id: request.id, service: 'imessage' });
  const result = { handle: handle.toLowerCase(), service: 'imessage', source: 'device', checked_at: NOW };
  for (const { body } of await both) expect(body).toEqual(result);
  socket.terminate();
  await socket.closed;
  expect((await lookUp(handle)).body).toEqual(result);
});

it('a result of a device is cached, an error or a missing device is not', async () => {
  const handle = newHandle();
  expect((await lookUp(handle)).body).toMatchObject({ service: 'unknown' });
  const socket = await connect();
  const failed = lookUp(handle);
  const first = await socket.next('request');
  socket.say({ type: 'answer', id: first.id, error: { code: 'failed', message: 'No network.' } });
  expect((await failed).body).toMatchObject({ service: 'unknown', source: 'device' });
  const unknown = lookUp(handle);
  const second = await socket.next('request');
  socket.say({ type: 'answer', id: second.id, service: 'unknown' });
  expect((await unknown).body).toMatchObject({ service: 'unknown', source: 'device' });
  expect((await lookUp(handle)).body).toMatchObject({ service: 'unknown', source: 'device' });
  expect(socket.received.filter(({ type }) => type === 'request')).toEqual([]);
  socket.terminate();
  await socket.closed;
});

it('a device without the capability is not asked, and a disconnect ends the look-up', async () => {
  const incapable = await connect(['imessage', 'journal']);
  expect((await lookUp(newHandle())).body).toMatchObject({ service: 'unknown' });
  expect(incapable.received.filter(({ type }) => type === 'request')).toEqual([]);
  incapable.terminate();
  await incapable.closed;
  const socket = await connect();
  const pending = lookUp(newHandle());
  await socket.next('request');
  socket.terminate();
  expect((await pending).body).toMatchObject({ service: 'unknown' });
});

it('an account has at most 20 running look-ups', async () => {
  const socket = await connect();
  const pending = Array.from({ length: 20 }, () => lookUp(newHandle()));
  for (let n = 0; n < 20; n += 1) await socket.next('request');
  const rejected = await lookUp(newHandle());
  expect([rejected.status, rejected.body.error.code]).toEqual([429, 'rate_limited']);
  socket.terminate();
  for (const { status } of await Promise.all(pending)) expect(status).toBe(200);
});

it('the sandbox knows every number, and an invalid handle is rejected', async () => {
  const sandbox = clientFor(broker.url, broker.testKey);
  const serviceOf = async (handle: string) =>
    (await sandbox.get(`/v1/lookup?handle=${encodeURIComponent(handle)}`)).body.service;
  expect(await serviceOf('+15005550016')).toBe('sms');
  expect(await serviceOf('+15005550020')).toBe('sms');
  expect(await serviceOf('+15005550010')).toBe('imessage');
  expect(await serviceOf('ada@example.org')).toBe('imessage');
  expectError(await lookUp('nonsense'), 400, 'invalid_request', 'handle');
  expectError(await line.client.get('/v1/lookup'), 400, 'invalid_request', 'handle');
});
