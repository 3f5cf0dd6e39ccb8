/** Tests webhooks of the Textree API: subscriptions, deliveries and replays. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTenant } from '../../../broker/core/accounts/accounts.ts';
import { withStoreOf } from '../../support/broker-database.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor, createAccount, type HttpResponse } from '../../support/http-client.ts';
import {
  createToken,
  expectErrorResponse,
  normalizedBody,
  type TextreeClient,
} from '../../support/textree-client.ts';
import { until } from '../../support/until.ts';

const ALL_EVENTS = [
  'message.sent',
  'message.delivered',
  'message.failed',
  'message.received',
  'conversation.created',
  'conversation.updated',
  'opt_out.created',
];
const URL = 'https://example.com/textree';

let homing: HomingProcess;
let accounts = 0;

beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());

async function newClient(): Promise<TextreeClient> {
  accounts += 1;
  const account = `webhooks-${accounts}`;
  await createAccount(homing, account);
  return createToken(homing, { account });
}

const add = async (client: TextreeClient, body: object = {}) => {
  const response = await client.post('/webhooks', { url: URL, events: ALL_EVENTS, ...body });
  expect(response.status, response.text).toBe(201);
  return response.body.webhook;
};

interface Delivery {
  id: string;
  event_id: string;
  type: string;
  is_replay: boolean;
}

const deliveries = (client: TextreeClient, id: string, query = ''): Promise<HttpResponse> =>
  client.get(`/webhooks/${id}/deliveries${query}`);
/** Returns the event types of the deliveries, oldest first. */
const typesOf = async (client: TextreeClient, id: string): Promise<string[]> =>
  (await deliveries(client, id, '?limit=200')).body.deliveries.map(({ type }: Delivery) => type).reverse();
const delivered = (client: TextreeClient, message: string) =>
  until(
    'the delivery',
    async () => (await client.get(`/messages/${message}`)).body.message.status === 'delivered',
  );

describe('a webhook', () => {
  it('is created with 201 and its secret, which is returned only once', async () => {
    const client = await newClient();
    const response = await client.post('/webhooks', {
      url: URL,
      events: ['message.received', 'opt_out.created', 'message.received'],
    });
    expect(response.status).toBe(201);
    const withoutSecret = `"id":"wh_ID","url":"${URL}","events":["message.received","opt_out.created"],"number_id":null,"active":true,"created_at":"TIME","updated_at":"TIME"`;
    expect(normalizedBody(response)).toBe(`{"webhook":{${withoutSecret},"secret":"whsec_SECRET"}}`);
    expect(response.body.webhook.secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(normalizedBody(await client.get('/webhooks'))).toBe(`{"webhooks":[{${withoutSecret}}]}`);
  });

  it('is unique by its URL: a second one returns 409', async () => {
    const client = await newClient();
    const { id } = await add(client);
    const other = await add(client, { url: `${URL}/2` });
    expectErrorResponse(await client.post('/webhooks', { url: URL, events: ALL_EVENTS }), 409, 'conflict');
    expectErrorResponse(await client.patch(`/webhooks/${other.id}`, { url: URL }), 409, 'conflict');
    expect((await client.patch(`/webhooks/${id}`, { url: URL })).status).toBe(200);
    expect((await client.get('/webhooks')).body.webhooks.map(({ url }: { url: string }) => url)).toEqual([
      URL,
      `${URL}/2`,
    ]);
  });

  it('keeps omitted fields unchanged in an update, which returns no secret', async () => {
    const client = await newClient();
    const { id } = await add(client);
    const off = await client.patch(`/webhooks/${id}`, { active: false });
    expect(off.status).toBe(200);
    expect(off.body.webhook).toMatchObject({ id, url: URL, events: ALL_EVENTS, active: false });
    expect(off.body.webhook).not.toHaveProperty('secret');
    const changed = await client.patch(`/webhooks/${id}`, {
      url: `${URL}/new`,
      events: ['message.sent'],
      active: true,
    });
    expect(changed.body.webhook).toMatchObject({ url: `${URL}/new`, events: ['message.sent'], active: true });
    expect((await client.get('/webhooks')).body.webhooks).toEqual([changed.body.webhook]);
  });

  it('is deleted with 204, together with its pending deliveries', async () => {
    const client = await newClient();
    const { id } = await add(client);
    await delivered(client, await client.send({ phone_number: '+15005550010' }));
    const removed = await client.delete(`/webhooks/${id}`);
    expect([removed.status, removed.text]).toEqual([204, '']);
    expectErrorResponse(await deliveries(client, id), 404, 'not_found');
    expectErrorResponse(await client.delete(`/webhooks/${id}`), 404, 'not_found');
    expect((await client.get('/webhooks')).body).toEqual({ webhooks: [] });
  });

  it('can have a private URL only if the broker allows it', async () => {
    const permissive = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
    try {
      const client = await createToken(permissive);
      expect((await add(client, { url: 'http://127.0.0.1:9/hook' })).url).toBe('http://127.0.0.1:9/hook');
      expectErrorResponse(
        await client.post('/webhooks', { url: 'ftp://127.0.0.1/', events: ALL_EVENTS }),
        422,
        'invalid_request',
      );
    } finally {
      await permissive.dispose();
    }
  });
});

describe('the deliveries of a webhook', () => {
  it('are in the order of the events, with all fields', async () => {
    const client = await newClient();
    const { id } = await add(client);
    expect(normalizedBody(await deliveries(client, id))).toBe(
      '{"deliveries":[],"cursor":null,"has_more":false}',
    );
    const message = await client.send({ phone_number: '+15005550014', body: 'Hi' });
    await delivered(client, message);
    const types = await until('the echo', async () => {
      const found = await typesOf(client, id);
      return found.length >= 5 && found;
    });
    const ofMessages = types.filter((type) => type.startsWith('message.'));
    expect(ofMessages).toEqual(['message.sent', 'message.delivered', 'message.received']);
    expect(types.filter((type) => type.startsWith('conversation.'))).toEqual([
      'conversation.created',
      'conversation.updated',
    ]);
    const [newest] = (await deliveries(client, id, '?limit=1')).body.deliveries;
    expect(JSON.stringify(Object.keys(newest))).toBe(
      '["id","event_id","type","status","attempts","next_attempt_at","is_replay","created_at"]',
    );
    expect(newest).toMatchObject({
      id: expect.stringMatching(/^dlv_/),
      event_id: expect.stringMatching(/^evt_/),
      is_replay: false,
    });
  });

  it.each([
    ['+15005550011', ['message.sent']],
    ['+15005550020', ['message.failed']],
    ['+15005550010', ['message.sent', 'message.delivered']],
  ])('for a message to %s are %j', async (to, expected) => {
    const client = await newClient();
    const { id } = await add(client, { events: ALL_EVENTS.filter((type) => type.startsWith('message.')) });
    await client.send({ phone_number: to });
    await until(`${expected}`, async () => (await typesOf(client, id)).length >= expected.length);
    expect(await typesOf(client, id)).toEqual(expected);
  });

  it('are listed newest first, in pages', async () => {
    const client = await newClient();
    const { id } = await add(client, { events: ['message.delivered'] });
    for (let n = 0; n < 5; n += 1)
      await delivered(client, await client.send({ phone_number: '+15005550010' }));
    const all: Delivery[] = (await deliveries(client, id)).body.deliveries;
    expect(all).toHaveLength(5);
    expect(all.map((one) => one.id)).toEqual(
      all
        .map((one) => one.id)
        .toSorted()
        .reverse(),
    );
    expect(new Set(all.map(({ event_id }) => event_id)).size).toBe(5);
    const first = (await deliveries(client, id, '?limit=2')).body;
    expect(first).toMatchObject({ has_more: true, cursor: all[1]!.id });
    const second = (await deliveries(client, id, `?limit=3&cursor=${first.cursor}`)).body;
    expect(second).toMatchObject({ has_more: false, cursor: null });
    expect(
      [...first.deliveries, ...second.deliveries].map((one: Delivery) => [one.id, one.event_id]),
    ).toEqual(all.map((one) => [one.id, one.event_id]));
  });

  it('exist for every webhook with the event type, but not for disabled webhooks', async () => {
    const client = await newClient();
    const subscribed = [await add(client, { url: `${URL}/a` }), await add(client, { url: `${URL}/b` })];
    const others = [
      await add(client, { url: `${URL}/c`, events: ['message.failed'] }),
      await add(client, { url: `${URL}/d` }),
    ];
    await client.patch(`/webhooks/${others[1].id}`, { active: false });
    await delivered(client, await client.send({ phone_number: '+15005550010' }));
    const events = await Promise.all(
      subscribed.map(async ({ id }) =>
        (await deliveries(client, id)).body.deliveries.map((one: Delivery) => one.event_id),
      ),
    );
    expect(events[0]).toEqual(events[1]);
    expect(events[0].length).toBeGreaterThan(1);
    for (const { id } of others) expect(await typesOf(client, id)).toEqual([]);
  });

  it('exist only for events after the creation of the webhook', async () => {
    const client = await newClient();
    await delivered(client, await client.send({ phone_number: '+15005550010' }));
    const { id } = await add(client, { events: ['message.sent', 'message.delivered'] });
    expect(await typesOf(client, id)).toEqual([]);
    await delivered(client, await client.send({ phone_number: '+15005550010' }));
    expect(await typesOf(client, id)).toEqual(['message.sent', 'message.delivered']);
  });

  it('include opt-outs', async () => {
    const client = await newClient();
    const { id } = await add(client, { events: ['opt_out.created'] });
    for (const opted_out of [true, true, false, true]) {
      const known = (await client.get('/contacts')).body.contacts[0];
      if (known === undefined) await client.post('/contacts', { phone_number: '+14155550100', opted_out });
      else await client.patch(`/contacts/${known.id}`, { opted_out });
    }
    // A repeated opt-out causes no event.
    expect(await typesOf(client, id)).toEqual(['opt_out.created', 'opt_out.created']);
  });
});

describe('POST /webhooks/:id/replay', () => {
  it('returns 202 with a new delivery of the same event', async () => {
    const client = await newClient();
    const { id } = await add(client, { events: ['message.delivered'] });
    await delivered(client, await client.send({ phone_number: '+15005550010' }));
    const [first] = (await deliveries(client, id)).body.deliveries;
    const response = await client.post(`/webhooks/${id}/replay`, { event_id: first.event_id });
    expect(response.status).toBe(202);
    expect(normalizedBody(response)).toBe(
      '{"delivery":{"id":"dlv_ID","event_id":"evt_ID","type":"message.delivered","status":"pending","attempts":0,"next_attempt_at":"TIME","is_replay":true,"created_at":"TIME"}}',
    );
    const all: Delivery[] = (await deliveries(client, id)).body.deliveries;
    expect(all.map(({ id, event_id, is_replay }) => [id, event_id, is_replay])).toEqual([
      [response.body.delivery.id, first.event_id, true],
      [first.id, first.event_id, false],
    ]);
  });

  it('delivers to the webhook in the path, even without a subscription to the event type', async () => {
    const client = await newClient();
    const { id } = await add(client, { events: ['message.delivered'] });
    const other = await add(client, { url: `${URL}/other`, events: ['message.failed'] });
    await delivered(client, await client.send({ phone_number: '+15005550010' }));
    const [{ event_id }] = (await deliveries(client, id)).body.deliveries;
    expect((await client.post(`/webhooks/${other.id}/replay`, { event_id })).status).toBe(202);
    expect(await typesOf(client, other.id)).toEqual(['message.delivered']);
    expect(await typesOf(client, id)).toEqual(['message.delivered']);
  });
});

it('POST /webhooks/:id/replay returns 404 for an event type of other APIs', async () => {
  const client = await newClient();
  const { id } = await add(client);
  const event = '01m7ypkdxffkmb6tyeck3vccad';
  await withStoreOf(homing, async (store) => {
    const tenant = await findTenant(store.read, `webhooks-${accounts}`, 'test');
    const subject = { handle: '+14155550100', reason: 'START' };
    await store.transaction((tx) =>
      tx.events.insert({
        id: event,
        tenantId: tenant.id,
        type: 'opt_in.created',
        messageId: null,
        subject,
        createdAt: 0,
      }),
    );
  });
  const response = await client.post(`/webhooks/${id}/replay`, { event_id: `evt_${event}` });
  expectErrorResponse(response, 404, 'not_found', { message: /^Event not found/ });
});

it('a webhook of Textree receives events of messages from the Texting Blue API', async () => {
  const client = await newClient();
  const { id } = await add(client, { events: ['message.sent'] });
  const plain = clientFor(homing.url, client.token);
  await plain.post('/v1/messages/send', { to: '+15005550010', from: '+14155550177', content: 'Hi' });
  await until('the event', async () => (await typesOf(client, id)).length === 1);
});
