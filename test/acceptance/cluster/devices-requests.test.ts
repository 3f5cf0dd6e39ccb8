/** Tests requests and signals to a device that is connected to another broker than the client. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsOf } from '../../support/broker-database.ts';
import type { HomingProcess } from '../../support/homing-process.ts';
import { clientFor, expectError } from '../../support/http-client.ts';
import { type PairedLine, pairedLine } from '../../support/paired-line.ts';
import { hello, openSocket, type RawSocket } from '../../support/raw-device.ts';
import { startTwoBrokers, type TwoBrokers } from '../../support/two-brokers.ts';

const HANDLE = '+14155550100';

let brokers: TwoBrokers;
let one: HomingProcess;
let other: HomingProcess;
let line: PairedLine;
beforeAll(async () => {
  brokers = await startTwoBrokers();
  ({ one, other } = brokers);
  line = await pairedLine(one);
});
afterAll(() => brokers?.dispose());

async function connect(...capabilities: string[]): Promise<RawSocket> {
  const socket = await openSocket(other.url, line.token);
  socket.say(hello({ capabilities: ['imessage', 'journal', ...capabilities] }));
  await socket.next('welcome');
  return socket;
}

it('typing and read receipts reach a device at another broker, and are rejected when it is offline', async () => {
  const socket = await connect('typing', 'read_receipts');
  const item = { guid: 'guid 1', from: HANDLE, to: line.phoneNumber, text: 'Hi' };
  socket.say({ type: 'inbound', seq: 1, items: [item] });
  await socket.next('ack');
  const { body } = await line.client.get('/v1/conversations');
  const path = `/v1/conversations/${body.conversations[0].id}`;
  const place = { type: 'signal', from: line.phoneNumber, to: HANDLE };
  expect((await line.client.post(`${path}/typing`, { state: 'start' })).status).toBe(202);
  expect(await socket.next('signal')).toEqual({ ...place, kind: 'typing', state: 'start' });
  expect((await line.client.post(`${path}/read`, undefined)).status).toBe(204);
  expect(await socket.next('signal')).toEqual({ ...place, kind: 'read' });
  socket.terminate();
  await socket.closed;
  expectError(await line.client.post(`${path}/typing`, { state: 'start' }), 409, 'device_offline');
});

it('GET /v1/lookup uses a device at another broker', async () => {
  const socket = await connect('lookup');
  const handle = '+14155550123';
  const looked = line.client.get(`/v1/lookup?handle=${encodeURIComponent(handle)}`);
  const request = await socket.next('request');
  expect(request).toMatchObject({ op: 'lookup', handle });
  socket.say({ type: 'answer', id: request.id, service: 'imessage' });
  expect((await looked).body).toMatchObject({ handle, service: 'imessage', source: 'device' });
  socket.terminate();
});

it('a Mac at another broker signs a shortcut, and the stored request is deleted', async () => {
  const mac = await connect('sign_shortcut');
  const phone = await pairedLine(one);
  const download = fetch(`${one.url}/setup-shortcut/files/send`, {
    headers: { cookie: `homing_setup=${phone.token}` },
  });
  const request = await mac.next('request');
  expect(request).toMatchObject({ op: 'sign_shortcut', name: 'Homing Send' });
  expect(request.bytes.length).toBeGreaterThan(5_000);
  const signed = Buffer.alloc(60_000, 'signed');
  const answer = { bytes: signed.toString('base64'), unpacked: request.bytes };
  mac.say({ type: 'answer', id: request.id, ...answer });
  const response = await download;
  expect(response.status).toBe(200);
  expect(Buffer.from(await response.arrayBuffer()).equals(signed)).toBe(true);
  expect(await rowsOf(one, 'SELECT id FROM device_requests')).toEqual([]);
  mac.terminate();
});

it('a message to a device at another broker is cancelled there', async () => {
  const socket = await connect();
  const client = clientFor(one.url, one.liveKey);
  const body = { from: line.phoneNumber, to: HANDLE, content: 'to be cancelled' };
  const sent = await client.post('/v1/messages/send', body);
  const [item] = (await socket.next('deliver')).items;
  expect((await client.post(`/v1/messages/${sent.body.id}/cancel`, {})).status).toBe(202);
  expect(await socket.next('cancel')).toEqual({
    ...{ type: 'cancel', message: sent.body.id, lease: item.lease },
  });
  socket.terminate();
});
