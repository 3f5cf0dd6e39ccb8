/** Tests the events of typing and of devices over event streams and webhooks, with a real device connection. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventType } from '../../../broker/core/model/event.ts';
import { createIdSource } from '../../../shared/ids.ts';
import { withStoreOf } from '../../support/broker-database.ts';
import { type EventSource, openEventSource } from '../../support/event-source.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type PairedLine, pairedLine } from '../../support/paired-line.ts';
import { hello, openSocket, type RawSocket } from '../../support/raw-device.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const HANDLE = '+14155550100';
const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSB0ZXN0IHdlYmhvb2s=';
const ids = createIdSource(Date.now);

let broker: RunningBroker;
let receiver: Receiver;
beforeAll(async () => {
  broker = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  receiver = await startReceiver();
});
afterAll(async () => {
  await broker?.dispose();
  await receiver?.close();
});

async function connect(line: PairedLine): Promise<RawSocket> {
  const socket = await openSocket(broker.url, line.token);
  socket.say(hello());
  await socket.next('welcome');
  return socket;
}

function stream(line: PairedLine, query = ''): Promise<EventSource> {
  const number = encodeURIComponent(line.phoneNumber);
  return openEventSource(`${broker.url}/v1/events?number=${number}${query}`, broker.liveKey);
}

async function addWebhook(line: PairedLine, events: readonly EventType[], path: string): Promise<void> {
  const now = Date.now();
  await withStoreOf(broker, (store) =>
    store.transaction((tx) =>
      tx.webhooks.insert({
        ...{
          id: ids(),
          tenantId: line.tenantId,
          dialect: 'texting-blue',
          numberId: line.numberId,
          name: null,
        },
        ...{ url: `${receiver.url}/${path}`, events, secret: SECRET, previousSecret: null },
        ...{
          previousSecretUntil: null,
          isActive: true,
          consecutiveFailures: 0,
          createdAt: now,
          updatedAt: now,
        },
      }),
    ),
  );
}

const requestsTo = (path: string) => receiver.received.filter((request) => request.path.endsWith(`/${path}`));

const typing = (line: PairedLine, change: object = {}) => ({
  ...{ guid: `typing ${Math.random()}`, from: HANDLE, to: line.phoneNumber, typing: 'start', ...change },
});

it('typing is delivered to open streams and once to webhooks, and is not stored', async () => {
  const line = await pairedLine(broker);
  await addWebhook(line, ['typing.started', 'typing.stopped'], 'typing');
  const socket = await connect(line);
  const source = await stream(line, '&types=typing.started,typing.stopped');
  socket.say({ type: 'inbound', seq: 4, items: [typing(line), typing(line, { typing: 'stop' })] });
  expect(await socket.next('ack')).toEqual({ type: 'ack', of: 'inbound', seq: 4 });
  await until('two events', () => source.events.length === 2);
  const state = { phone_number: line.phoneNumber, handle: HANDLE, is_group: false };
  const conversation_id = expect.stringMatching(/^conv_/);
  expect(source.events).toEqual([
    {
      ...{ id: undefined, event: 'typing.started' },
      data: {
        ...{ id: expect.stringMatching(/^evt_/), type: 'typing.started', timestamp: expect.any(String) },
        data: { conversation_id, ...state, state: 'start' },
      },
    },
    expect.objectContaining({ event: 'typing.stopped' }),
  ]);
  expect(source.events[1]?.data.data).toEqual({ conversation_id, ...state, state: 'stop' });
  await until('two requests', () => requestsTo('typing').length === 2);
  const request = requestsTo('typing').find(({ body }) => body.type === 'typing.started');
  expect(request?.body).toEqual(source.events[0]?.data);
  const signature = createHmac('sha256', SECRET)
    .update(request?.raw ?? '')
    .digest('hex');
  expect(request?.headers['x-textingblue-signature']).toBe(`sha256=${signature}`);
  source.close();
  const again = await openEventSource(`${broker.url}/v1/events?once=true`, broker.liveKey, {
    'last-event-id': 'evt_00000000000000000000000000',
  });
  await again.ended;
  expect(again.events.filter(({ event }) => event.startsWith('typing.'))).toEqual([]);
  socket.terminate();
});

it('typing in a group names the conversation of its messages', async () => {
  const line = await pairedLine(broker);
  const socket = await connect(line);
  const group = { chat: 'iMessage;+;chat55', participants: [HANDLE, '+14155550101'] };
  const message = { guid: 'in a group', from: HANDLE, to: line.phoneNumber, text: 'Hi', ...group };
  socket.say({ type: 'inbound', seq: 1, items: [message] });
  await socket.next('ack');
  const { body } = await line.client.get(
    `/v1/conversations?phone_number=${encodeURIComponent(line.phoneNumber)}`,
  );
  const source = await stream(line, '&types=message.received,typing.started');
  socket.say({ type: 'inbound', seq: 2, items: [typing(line, { chat: 'any;+;chat55' })] });
  await until('the event', () => source.events.length > 0);
  expect(source.events[0]?.data.data).toMatchObject({
    ...{ conversation_id: body.conversations[0].id, is_group: true, handle: HANDLE },
  });
  source.close();
  socket.terminate();
});

it('a webhook that hangs gets few typing requests, and delays no delivery of a message', async () => {
  const line = await pairedLine(broker);
  await addWebhook(line, ['typing.started'], 'hanging');
  await addWebhook(line, ['message.received'], 'messages');
  receiver.respondWith((response, { path }) => {
    if (!path.endsWith('/hanging')) response.writeHead(200).end('ok');
  });
  const socket = await connect(line);
  const items = Array.from({ length: 100 }, () => typing(line));
  socket.say({ type: 'inbound', seq: 1, items });
  const message = { guid: 'after typing', from: HANDLE, to: line.phoneNumber, text: 'Hi' };
  socket.say({ type: 'inbound', seq: 2, items: [message] });
  await until('the message', () => requestsTo('messages').length === 1);
  expect(requestsTo('hanging').length).toBeLessThanOrEqual(4);
  receiver.respondWith((response) => void response.writeHead(200).end('ok'));
  socket.terminate();
});

it('a recipient of the sandbox types before the answer', async () => {
  const source = await openEventSource(
    `${broker.url}/v1/events?types=typing.started,message.received`,
    broker.testKey,
  );
  const client = clientFor(broker.url, broker.testKey);
  await client.post('/v1/messages/send', { to: '+15005550044', content: 'Hi' });
  await until('the answer', () => source.events.some(({ event }) => event === 'message.received'));
  expect(source.events.map(({ event }) => event)).toEqual(['typing.started', 'message.received']);
  expect(source.events[0]?.data.data).toMatchObject({
    handle: '+15005550044',
    is_group: false,
    state: 'start',
  });
  source.close();
});

it('the connection and the problems of a device are stored events', async () => {
  const line = await pairedLine(broker);
  await addWebhook(line, ['device.online', 'device.problem'], 'devices');
  const source = await stream(line, '&types=device.online,device.offline,device.problem');
  const socket = await connect(line);
  socket.say({ type: 'health', signed_in: false });
  await until('two events', () => source.events.length === 2);
  const device = { id: expect.stringMatching(/^dev_/), name: 'Test device' };
  const data = { device, phone_numbers: [line.phoneNumber], problem: null, message: null };
  expect(source.events.map(({ id, event, data }) => ({ id, event, data: data.data }))).toEqual([
    { id: expect.stringMatching(/^evt_/), event: 'device.online', data },
    {
      ...{ id: expect.stringMatching(/^evt_/), event: 'device.problem' },
      data: { ...data, problem: 'signed_out', message: 'Messages is not signed in to iMessage.' },
    },
  ]);
  await until('two requests', () => requestsTo('devices').length === 2);
  expect(requestsTo('devices').map(({ body }) => body)).toEqual(source.events.map(({ data }) => data));
  source.close();
  socket.terminate();
});
