/** Checks the replay of a time range of events. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type Client, createAccount, createClient, expectError } from '../../support/http-client.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

let homing: HomingProcess;
let client: Client;
let receiver: Receiver;
let id: string;
const startedAt = new Date(Date.now() - 1_000).toISOString();

beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  receiver = await startReceiver();
  await createAccount(homing, 'replayer');
  client = await createClient(homing, { account: 'replayer' });
  ({ id } = (
    await client.post('/v1/webhooks', { url: receiver.url, events: ['message.sent', 'message.failed'] })
  ).body);
});
afterAll(async () => {
  await receiver?.close();
  await homing?.dispose();
});

const send = async (to: string, from = '+15005550006') =>
  (await client.post('/v1/messages/send', { to, from, content: 'Hi' })).body.id as string;
const replay = (body: object, webhook = id) => client.post(`/v1/webhooks/${webhook}/replay`, body);
const arrived = (count: number) => until(`${count} events`, () => receiver.received.length >= count);
const receivedEvents = () => receiver.received.map(({ body }) => [body.data.id, body.type]);

describe('a replay of a time range', () => {
  it('delivers the events again with the same bodies and ids', async () => {
    const ids = [await send('+15005550010'), await send('+15005550020'), await send('+15005550011')];
    await arrived(3);
    const first = [...receiver.received];
    expect(new Set(receivedEvents().map(([message]) => message))).toEqual(new Set(ids));
    const response = await replay({ since: startedAt });
    expect([response.status, response.body]).toEqual([202, { replayed: 3, cursor: null, has_more: false }]);
    await arrived(6);
    expect(new Set(receiver.received.slice(3).map(({ raw }) => raw))).toEqual(
      new Set(first.map(({ raw }) => raw)),
    );
    const { deliveries } = (await client.get(`/v1/webhooks/${id}/deliveries`)).body;
    expect(deliveries.map((one: { is_replay: boolean }) => one.is_replay)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('with undelivered_only delivers only events without a successful delivery', async () => {
    receiver.respondWith((response) => void response.writeHead(410).end());
    await send('+15005550010');
    await until(
      'the webhook to become inactive',
      async () => !(await client.get(`/v1/webhooks/${id}`)).body.active,
    );
    receiver.respondWith((response) => void response.writeHead(200).end());
    await client.put(`/v1/webhooks/${id}`, { active: true });
    const before = receiver.received.length;
    const response = await replay({ since: startedAt, undelivered_only: true });
    expect(response.body).toMatchObject({ replayed: 1 });
    await arrived(before + 1);
    expect((await replay({ since: startedAt, undelivered_only: true })).body).toMatchObject({ replayed: 0 });
  });

  it('contains only events of the webhook’s types, its number and the time range', async () => {
    const own = { url: `${receiver.url}/own`, events: ['message.failed'], phone_number: '+15005550007' };
    await send('+15005550010', '+15005550007');
    const { body: other } = await client.post('/v1/webhooks', own);
    await send('+15005550020', '+15005550006');
    const failed = await send('+15005550020', '+15005550007');
    await until('the failure', () => receivedEvents().some(([message]) => message === failed));
    expect((await replay({ since: startedAt }, other.id)).body).toMatchObject({ replayed: 1 });
    const long = '2020-01-01T00:00:00Z';
    expect((await replay({ since: long, until: '2020-02-01T00:00:00Z' })).body).toMatchObject({
      replayed: 0,
    });
  });

  it.each([
    ['neither an event nor a time range', {}, 'event_id'],
    [
      'an event and a time range',
      { event_id: 'evt_01m7ypkdxffkmb6tyeck3vccad', since: startedAt },
      'event_id',
    ],
    ['an invalid time', { since: 'yesterday' }, 'since'],
    ['an end before the start', { since: startedAt, until: '2020-01-01T00:00:00Z' }, 'until'],
    ['an invalid cursor', { since: startedAt, cursor: 'x' }, 'cursor'],
  ])('returns 400 for %s', async (_, body, param) => {
    expectError(await replay(body), 400, 'invalid_request', param);
  });

  it('returns 404 for an unknown webhook or event', async () => {
    expectError(await replay({ since: startedAt }, 'wh_01m7ypkdxffkmb6tyeck3vccad'), 404, 'not_found');
    expectError(await replay({ event_id: 'nonsense' }), 404, 'not_found');
  });
});
