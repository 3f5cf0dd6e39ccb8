/** Tests GET /v1/events: live events, and missed events after a reconnect. */
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EventSource, openEventSource } from '../../support/event-source.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import {
  type Client,
  createAccount,
  createClient,
  expectError,
  revokeKey,
} from '../../support/http-client.ts';
import { until } from '../../support/until.ts';

let homing: HomingProcess;
let client: Client & { key: string; keyId: string };
let accounts = 0;
const open: EventSource[] = [];

beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());
beforeEach(async () => {
  accounts += 1;
  await createAccount(homing, `streams-${accounts}`);
  client = await createClient(homing, { account: `streams-${accounts}` });
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

const stream = async (query = '', headers: Record<string, string> = {}, key = client.key) => {
  const one = await openEventSource(`${homing.url}/v1/events${query}`, key, headers);
  open.push(one);
  return one;
};
const send = async (to = '+15005550010', from = '+15005550006') =>
  (await client.post('/v1/messages/send', { to, from, content: 'Hi' })).body.id as string;
const seen = ({ events }: EventSource) => events.map(({ event, data }) => [event, data.data.id]);
const arrived = (one: EventSource, count: number) =>
  until(`${count} events, not ${one.events.length}`, () => one.events.length >= count);

describe('GET /v1/events', () => {
  it('streams events in the format of webhooks', async () => {
    const one = await stream();
    expect(one.status).toBe(200);
    expect(one.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(one.headers.get('cache-control')).toBe('no-store');
    const id = await send();
    await arrived(one, 2);
    expect(seen(one)).toEqual([
      ['message.sent', id],
      ['message.delivered', id],
    ]);
    const [first] = one.events;
    expect(first).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      data: { id: first!.id, type: 'message.sent', timestamp: expect.any(String), data: { content: 'Hi' } },
    });
  });

  it('streams the selected types, and events of conversations only if they are selected', async () => {
    // The sandbox registers a number at its first message.
    const first = await stream('?types=conversation.created');
    await send('+15005550011');
    await arrived(first, 1);
    const number = encodeURIComponent('+15005550006');
    const one = await stream(`?types=conversation.created,message.sent&number=${number}`);
    const id = await send();
    const created = await until('the new conversation', () =>
      one.events.find(({ event }) => event === 'conversation.created'),
    );
    expect(created.data.data).toEqual({
      ...{ id: expect.stringMatching(/^conv_/), phone_number: '+15005550006', is_group: false, name: null },
      ...{ participants: ['+15005550010'], message_id: id, change: null },
      ...{ created_at: expect.stringMatching(/Z$/), updated_at: expect.stringMatching(/Z$/) },
    });
    const unknown = await client.get('/v1/events?types=conversation.changed&once=true');
    expectError(unknown, 400, 'invalid_request', 'types');
  });

  it('continues after Last-Event-ID without gaps and duplicates', async () => {
    const one = await stream();
    await send();
    await arrived(one, 2);
    one.close();
    const missed = await send();
    await until(
      'the delivery',
      async () => (await client.get(`/v1/messages/${missed}`)).body.status === 'delivered',
    );
    const again = await stream('', { 'last-event-id': one.events[0]!.id });
    await arrived(again, 3);
    expect(again.events[0]!.id).toBe(one.events[1]!.id);
    expect(seen(again).slice(1)).toEqual([
      ['message.sent', missed],
      ['message.delivered', missed],
    ]);
    const byQuery = await stream(`?once=true&last_event_id=${one.events[1]!.id}`);
    await byQuery.ended;
    expect(seen(byQuery)).toEqual(seen(again).slice(1));
  });

  it('streams events from before and after a restart of the broker', async () => {
    const one = await stream();
    const id = await send('+15005550012');
    await arrived(one, 1);
    await homing.kill();
    await one.ended;
    await homing.restart();
    const again = await stream('', { 'last-event-id': one.events[0]!.id });
    await arrived(again, 1);
    expect(seen(again)).toEqual([['message.delivered', id]]);
  });

  it('ends when the broker stops, within the shutdown timeout', async () => {
    const one = await stream();
    await homing.stop();
    await one.ended;
    await homing.restart();
  });

  it('filters by types and number', async () => {
    const first = await send('+15005550010', '+15005550007');
    await until(
      'the first',
      async () => (await client.get(`/v1/messages/${first}`)).body.status === 'delivered',
    );
    const types = await stream('?types=message.failed,message.received');
    const number = await stream('?number=+15005550007');
    await send('+15005550014');
    await send('+15005550020', '+15005550007');
    await arrived(types, 2);
    expect(new Set(seen(types).map(([type]) => type))).toEqual(
      new Set(['message.received', 'message.failed']),
    );
    await arrived(number, 1);
    expect(seen(number).map(([type]) => type)).toEqual(['message.failed']);
  });

  it('omits events of other accounts and test events of webhooks', async () => {
    const one = await stream();
    const other = await createClient(homing, { account: 'default' });
    await other.post('/v1/messages/send', { to: '+15005550010', content: 'Hi' });
    const { id } = (
      await client.post('/v1/webhooks', { url: 'https://example.com/x', events: ['message.sent'] })
    ).body;
    await client.post(`/v1/webhooks/${id}/test`, undefined);
    const own = await send('+15005550011');
    await arrived(one, 1);
    expect(seen(one)).toEqual([['message.sent', own]]);
  });

  it('ends when its key is revoked', async () => {
    const one = await stream();
    await revokeKey(homing, client.keyId);
    await one.ended;
    expect(one.events).toEqual([]);
  });

  it('serves other clients while one client does not read', async () => {
    const socket = connect(Number(new URL(homing.url).port), '127.0.0.1');
    socket.write(`GET /v1/events HTTP/1.1\r\nHost: x\r\nx-api-key: ${client.key}\r\n\r\n`);
    await until('the beginning', () => socket.readableLength > 0 || socket.read(0));
    socket.pause();
    const other = await stream();
    const ids = await Promise.all(Array.from({ length: 60 }, () => send('+15005550011')));
    await arrived(other, 60);
    expect(new Set(seen(other).map(([, id]) => id))).toEqual(new Set(ids));
    socket.destroy();
  });

  it('returns 429 for more than 20 streams of an account', async () => {
    for (let n = 0; n < 20; n += 1) expect((await stream()).status).toBe(200);
    const limited = await client.get('/v1/events?once=true');
    expectError(limited, 429, 'rate_limited');
    for (const one of open.splice(0)) one.close();
    await until('room', async () => (await client.get('/v1/events?once=true')).status === 200);
  });

  it.each([
    ['an unknown type', '?types=message.lost', 'types'],
    ['an invalid event id', '?last_event_id=msg_x', 'last_event_id'],
    ['an unknown number', '?number=%2B14155550000', 'number'],
    ['an invalid value of once', '?once=please', 'once'],
  ])('returns 400 for %s', async (_, query, param) => {
    expectError(await client.get(`/v1/events${query}`), 400, 'invalid_request', param);
  });

  it('needs the permission messages:read', async () => {
    const sender = await createClient(homing, { permissions: 'messages:send' });
    expectError(await sender.get('/v1/events?once=true'), 403, 'forbidden');
  });
});
