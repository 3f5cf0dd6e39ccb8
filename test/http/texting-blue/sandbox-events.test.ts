/** Tests the events of test recipients that react, edit, unsend and type, on an event stream. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EventSource, openEventSource } from '../../support/event-source.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { type Client, clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const TYPES = [
  ...['message.reaction', 'message.edited', 'message.unsent', 'message.read'],
  ...['typing.started', 'typing.stopped', 'conversation.created', 'conversation.updated', 'action.failed'],
];

let homing: RunningBroker;
let client: Client;
let stream: EventSource;

beforeAll(async () => {
  homing = await startInProcess();
  client = clientFor(homing.url, homing.testKey);
  stream = await openEventSource(`${homing.url}/v1/events?types=${TYPES.join(',')}`, homing.testKey);
});
afterAll(async () => {
  stream?.close();
  await homing?.dispose();
});

const send = async (to: string | string[]) => {
  const sent = await client.post('/v1/messages/send', { to, content: 'Hi' });
  expect(sent.status, sent.text).toBe(202);
  return sent.body;
};
// biome-ignore lint/suspicious/noExplicitAny: the tests read any part of an event
const eventOf = (type: string, isIt: (data: any) => boolean) =>
  until(type, () => stream.events.find(({ event, data }) => event === type && isIt(data.data)));

it('a reaction is an event with the message and the reaction', async () => {
  const { id } = await send('+15005550040');
  const { data } = await eventOf('message.reaction', (one) => one.id === id);
  const reaction = { reaction: 'love', handle: '+15005550040', direction: 'inbound', part: 0 };
  expect(data.data.reaction).toMatchObject({ ...reaction, change: 'added' });
  expect(data.data.reactions).toEqual([expect.objectContaining(reaction)]);
});

it('an own reaction is one event', async () => {
  const { id } = await send('+15005550010');
  await until(
    'delivery',
    async () => (await client.get(`/v1/messages/${id}`)).body.status === 'delivered' || undefined,
  );
  const { body } = await client.post(`/v1/messages/${id}/reactions`, { reaction: '🎉' });
  const { data } = await eventOf('message.reaction', (one) => one.id === id);
  expect(data.data.reaction).toMatchObject({ id: body.id, reaction: '🎉', direction: 'outbound' });
});

it('an edit and an unsent message are events of the answer', async () => {
  await send('+15005550042');
  const { data: edited } = await eventOf('message.edited', () => true);
  expect(edited.data).toMatchObject({
    content: 'edited answer to: Hi',
    from: '+15005550042',
    unsent_at: null,
  });
  await send('+15005550043');
  const { data: unsent } = await eventOf('message.unsent', () => true);
  expect(unsent.data).toMatchObject({ content: '', from: '+15005550043', edited_at: null });
});

it('a recipient types, reads and answers', async () => {
  const { id } = await send('+15005550044');
  await eventOf('message.read', (one) => one.id === id);
  const { data: started } = await eventOf('typing.started', () => true);
  await eventOf('typing.stopped', () => true);
  const { conversation_id } = (await client.get(`/v1/messages/${id}`)).body;
  expect(started.data).toMatchObject({ conversation_id, handle: '+15005550044', is_group: false });
});

it('a group has events of its creation and its changes', async () => {
  const { conversation_id: id } = await send(['+15005550010', '+15005550045', '+15005550046']);
  const { data: created } = await eventOf('conversation.created', (one) => one.id === id);
  expect(created.data).toMatchObject({
    is_group: true,
    participants: ['+15005550010', '+15005550045', '+15005550046'],
  });
  const { data: left } = await eventOf(
    'conversation.updated',
    (one) => one.id === id && one.change.kind === 'left',
  );
  expect(left.data.change).toMatchObject({ actor: '+15005550045', value: '+15005550045' });
  const { data: named } = await eventOf(
    'conversation.updated',
    (one) => one.id === id && one.change.kind === 'named',
  );
  expect(named.data).toMatchObject({ name: 'Renamed by +15005550046' });
});

it('a failed action is an event', async () => {
  const { id } = await send('+15005550011');
  await until(
    'sent',
    async () => (await client.get(`/v1/messages/${id}`)).body.status === 'sent' || undefined,
  );
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const { body: waiting } = await client.post('/v1/messages/send', {
    to: '+15005550011',
    content: 'x',
    send_at: later,
  });
  const { body } = await client.post(`/v1/messages/${waiting.id}/reactions`, { reaction: 'like' });
  await client.post(`/v1/actions/${body.action_id}/cancel`, {});
  const { data } = await eventOf('action.failed', (one) => one.message_id === waiting.id);
  expect(data.data).toMatchObject({
    action: { id: body.action_id, kind: 'react', value: 'like' },
    error_code: 'cancelled',
  });
});
