/** Tests typing indicators and read receipts of the API, over real connections of a device. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor, expectError } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type PairedLine, pairedLine } from '../../support/paired-line.ts';
import { hello, openSocket, poll, type RawSocket } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

const HANDLE = '+14155550100';
const GUID = 'iMessage;+;chat7';
const CAPABLE = { capabilities: ['imessage', 'journal', 'typing', 'read_receipts'] };

let broker: RunningBroker;
beforeAll(async () => {
  broker = await startInProcess();
});
afterAll(() => broker?.dispose());

async function connect(line: PairedLine, change: Record<string, unknown> = CAPABLE): Promise<RawSocket> {
  const socket = await openSocket(broker.url, line.token);
  socket.say(hello(change));
  await socket.next('welcome');
  return socket;
}

/** Receives a message. Returns the path of its conversation. */
async function conversationOf(line: PairedLine, socket: RawSocket, item: object = {}): Promise<string> {
  const message = {
    guid: `guid ${line.phoneNumber}`,
    from: HANDLE,
    to: line.phoneNumber,
    text: 'Hi',
    ...item,
  };
  socket.say({ type: 'inbound', seq: 1, items: [message] });
  await socket.next('ack');
  const { body } = await line.client.get(
    `/v1/conversations?phone_number=${encodeURIComponent(line.phoneNumber)}`,
  );
  return `/v1/conversations/${body.conversations[0].id}`;
}

const typing = (line: PairedLine, path: string, state = 'start') =>
  line.client.post(`${path}/typing`, { state });

it('typing and read receipts reach the connected device at once', async () => {
  const line = await pairedLine(broker);
  const socket = await connect(line);
  const path = await conversationOf(line, socket);
  const place = { type: 'signal', from: line.phoneNumber, to: HANDLE };
  expect((await typing(line, path)).status).toBe(202);
  expect(await socket.next('signal')).toEqual({ ...place, kind: 'typing', state: 'start' });
  expect((await typing(line, path, 'stop')).status).toBe(202);
  expect(await socket.next('signal')).toEqual({ ...place, kind: 'typing', state: 'stop' });
  expect((await line.client.post(`${path}/read`, undefined)).status).toBe(204);
  expect(await socket.next('signal')).toEqual({ ...place, kind: 'read' });
  socket.terminate();
});

it('a signal in a group names the group', async () => {
  const line = await pairedLine(broker);
  const socket = await connect(line);
  const path = await conversationOf(line, socket, { chat: GUID, participants: [HANDLE, '+14155550101'] });
  expect((await typing(line, path)).status).toBe(202);
  expect(await socket.next('signal')).toEqual({
    ...{ type: 'signal', from: line.phoneNumber, chat: GUID, kind: 'typing', state: 'start' },
  });
  socket.terminate();
});

it('a signal is not kept for a device that is offline, over both transports', async () => {
  const line = await pairedLine(broker);
  const socket = await connect(line);
  const path = await conversationOf(line, socket);
  socket.terminate();
  await socket.closed;
  expectError(await typing(line, path), 409, 'device_offline');
  expectError(await line.client.post(`${path}/read`, undefined), 409, 'device_offline');
  const opened = await poll(broker.url, line.token, { frames: [hello(CAPABLE)], received: 0 });
  // Between two polls, nothing can be written to the device.
  expectError(await typing(line, path), 409, 'device_offline');
  const again = await poll(broker.url, line.token, { session: opened.session, received: opened.answer });
  expect(again.frames).toEqual([]);
  const parked = poll(broker.url, line.token, {
    ...{ session: opened.session, received: again.answer, wait: 15 },
  });
  await until('the signal', async () => (await typing(line, path)).status === 202);
  expect((await parked).frames).toMatchObject([{ type: 'signal', kind: 'typing' }]);
});

it('a signal is rejected if no device of the number supports it', async () => {
  const line = await pairedLine(broker);
  const socket = await connect(line, {});
  const path = await conversationOf(line, socket);
  const { status, body } = await typing(line, path);
  expect({ status, ...body.error }).toMatchObject({
    ...{ status: 409, code: 'not_supported_by_device', fix: expect.stringContaining('imsg') },
  });
  expect((await line.client.post(`${path}/read`, undefined)).status).toBe(204);
  socket.terminate();
});

it('the sandbox accepts every signal', async () => {
  const client = clientFor(broker.url, broker.testKey);
  await client.post('/v1/messages/send', { to: '+15005550010', content: 'Hi' });
  const { body } = await client.get('/v1/conversations');
  const path = `/v1/conversations/${body.conversations[0].id}`;
  expect((await client.post(`${path}/typing`, { state: 'start' })).status).toBe(202);
  expect((await client.post(`${path}/read`, undefined)).status).toBe(204);
});
