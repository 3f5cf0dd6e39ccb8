/** Tests webhook subscriptions of the Inkbox iMessage API: their events, signatures, deliveries and replays. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createClient } from '../../support/http-client.ts';
import {
  ECHO,
  type ImessageClient,
  imessageClient,
  newImessageClient,
  OTHER,
  PLAIN,
  TIME,
  UUID,
} from '../../support/imessage-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, pairedInbox } from '../../support/inbox.ts';
import { type Received, type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const UNKNOWN = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';
const REACTS = '+15005550040';
const SUBSCRIPTIONS = '/api/v1/webhooks/subscriptions';
const DELIVERIES = '/api/v1/webhooks/deliveries';
const IMESSAGE_EVENTS = [
  'imessage.received',
  'imessage.reaction_received',
  'imessage.sent',
  'imessage.delivered',
  'imessage.delivery_failed',
];
const TEXT_EVENTS = ['text.received', 'text.sent', 'text.delivered', 'text.delivery_failed'];

let homing: RunningBroker;
let receiver: Receiver;
let paths = 0;

beforeAll(async () => {
  homing = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver?.close();
  await homing?.dispose();
});

/** Creates a subscription with a new URL, and returns it with its requests. */
async function subscribe({ client }: ImessageClient, body: object) {
  const url = `${receiver.url}/inkbox-${++paths}`;
  const created = await client.post(SUBSCRIPTIONS, { url, ...body });
  expect(created.status, created.text).toBe(201);
  const { pathname } = new URL(url);
  const requests = () => receiver.received.filter(({ path }) => path === pathname);
  const untilEvent = (type: string) =>
    until(`the event ${type}`, () => requests().find(({ body }) => body.event_type === type));
  return { subscription: created.body, url, requests, untilEvent };
}

/** Computes the signature as a receiver does, without code of the broker. */
function expectSigned({ headers, raw }: Received, key: string): void {
  const { 'x-inkbox-request-id': id, 'x-inkbox-timestamp': at, 'x-inkbox-signature': signature } = headers;
  expect(id).toEqual(UUID);
  expect(Math.abs(Number(at) * 1_000 - Date.now())).toBeLessThan(600_000);
  const digest = createHmac('sha256', key.slice('whsec_'.length)).update(`${id}.${at}.${raw}`).digest('hex');
  expect(signature).toBe(`sha256=${digest}`);
}

describe('subscriptions', () => {
  it('are created, listed, read, updated and deleted', async () => {
    const api = await newImessageClient(homing);
    const { client } = api;
    expect((await client.get(SUBSCRIPTIONS)).body).toEqual({ subscriptions: [] });
    const url = 'https://example.com/inkbox';
    const created = await client.post(SUBSCRIPTIONS, {
      ...{ url, event_types: ['imessage.sent', 'imessage.received', 'imessage.sent'] },
      agent_identity_id: UNKNOWN,
    });
    const row = {
      id: UUID,
      organization_id: expect.stringMatching(/^org_[0-9a-z]{26}$/),
      mailbox_id: null,
      phone_number_id: null,
      agent_identity_id: UUID,
      owner_identity_id: null,
      url,
      event_types: ['imessage.sent', 'imessage.received'],
      status: 'active',
      created_at: TIME,
      updated_at: TIME,
      context_config: null,
    };
    const expected = { ...row, signing_key: expect.stringMatching(/^whsec_/) };
    expect([created.status, created.body]).toEqual([201, expected]);
    expect(Object.keys(created.body)).toEqual(Object.keys(expected));
    const { signing_key, ...shown } = created.body;
    const path = `${SUBSCRIPTIONS}/${shown.id}`;
    expect(created.headers.get('location')).toBe(path);
    const [number] = await api.get('/numbers');
    const ofNumber = await client.post(SUBSCRIPTIONS, {
      ...{ url, event_types: TEXT_EVENTS, phone_number_id: number.id },
    });
    const { signing_key: otherKey, ...second } = ofNumber.body;
    expect(second).toEqual({
      ...row,
      ...{ phone_number_id: number.id, agent_identity_id: null, event_types: TEXT_EVENTS },
    });
    expect(otherKey).not.toBe(signing_key);
    expect((await client.get(SUBSCRIPTIONS)).body).toEqual({ subscriptions: [shown, second] });
    expect((await client.get(path)).body).toEqual(shown);
    const patch = (body: object) => client.request('PATCH', path, { body });
    const changed = await patch({ url: `${url}/2`, event_types: IMESSAGE_EVENTS, status: 'active' });
    expect([changed.status, changed.body]).toEqual([
      200,
      { ...row, id: shown.id, url: `${url}/2`, event_types: IMESSAGE_EVENTS },
    ]);
    // Other APIs have webhooks with other formats.
    expect((await client.get('/v1/webhooks')).body.webhooks).toEqual([]);
    expect((await client.get('/api/v1/webhooks')).body.webhooks).toEqual([]);
    expect((await client.delete(path)).status).toBe(204);
    expectDetail(await client.get(path), 404);
    expect((await client.get(SUBSCRIPTIONS)).body).toEqual({ subscriptions: [second] });
  });

  it('have the same agent identity as the contact rules', async () => {
    const api = await newImessageClient(homing);
    const { subscription } = await subscribe(api, {
      ...{ event_types: ['imessage.sent'], agent_identity_id: UNKNOWN },
    });
    const rule = await api.post('/identities/default/contact-rules', {
      ...{ action: 'allow', match_target: PLAIN },
    });
    expect(subscription.agent_identity_id).toBe(rule.agent_identity_id);
  });

  it('return 422 for invalid fields, 404 for unknown ids and 409 for a second subscription', async () => {
    const { client } = await newImessageClient(homing);
    const url = 'https://example.com/inkbox';
    const identity = { agent_identity_id: UNKNOWN };
    for (const [body, field] of [
      [{ event_types: ['imessage.sent'], ...identity }, 'url'],
      [{ url: 'x', event_types: ['imessage.sent'], ...identity }, 'url'],
      [{ url, ...identity }, 'event_types'],
      [{ url, event_types: [], ...identity }, 'event_types'],
      [{ url, event_types: ['message.sent'], ...identity }, 'event_types'],
      [{ url, event_types: ['text.sent'], ...identity }, 'event_types'],
      [{ url, event_types: ['imessage.sent', 'text.sent'], ...identity }, 'event_types'],
      [{ url, event_types: ['imessage.sent'], phone_number_id: UNKNOWN }, 'event_types'],
      [{ url, event_types: ['imessage.sent'] }, 'agent_identity_id'],
      [{ url, event_types: ['imessage.sent'], ...identity, phone_number_id: UNKNOWN }, 'agent_identity_id'],
      [{ url, event_types: ['imessage.sent'], agent_identity_id: 'x' }, 'agent_identity_id'],
    ] as const) {
      const response = await client.post(SUBSCRIPTIONS, body);
      expectDetail(response, 422);
      expect(response.body.detail[0].loc.slice(0, 2), JSON.stringify(body)).toEqual(['body', field]);
    }
    for (const [body, type] of [
      [{ url, event_types: ['imessage.sent'] }, 'missing'],
      [{ url, event_types: ['text.sent'], ...identity }, 'value_error'],
      [{ url, event_types: ['imessage.sent'], ...identity, phone_number_id: UNKNOWN }, 'value_error'],
      [{ url, event_types: [], ...identity }, 'too_short'],
    ] as const) {
      const response = await client.post(SUBSCRIPTIONS, body);
      expect(response.body.detail[0].type, JSON.stringify(body)).toBe(type);
    }
    const unknownNumber = { url, event_types: ['text.sent'], phone_number_id: UNKNOWN };
    expectDetail(await client.post(SUBSCRIPTIONS, unknownNumber), 404);
    const created = await client.post(SUBSCRIPTIONS, { url, event_types: ['imessage.sent'], ...identity });
    expectDetail(await client.post(SUBSCRIPTIONS, { url, event_types: ['imessage.sent'], ...identity }), 409);
    const path = `${SUBSCRIPTIONS}/${created.body.id}`;
    for (const body of [
      { event_types: ['text.sent'] },
      { event_types: [] },
      { url: 'x' },
      { status: 'x' },
      [],
    ]) {
      expectDetail(await client.request('PATCH', path, { body }), 422);
    }
    for (const id of [UNKNOWN, 'x']) {
      expectDetail(await client.get(`${SUBSCRIPTIONS}/${id}`), 404);
      expectDetail(await client.request('PATCH', `${SUBSCRIPTIONS}/${id}`, { body: { url } }), 404);
      expectDetail(await client.delete(`${SUBSCRIPTIONS}/${id}`), 404);
      expectDetail(await client.post(`${DELIVERIES}/${id}/replay`, {}), 404);
    }
    expectDetail(await client.get(`${DELIVERIES}?limit=0`), 422);
  });

  it('are shown as active after the broker disabled them, and every update enables them again', async () => {
    const api = await newImessageClient(homing);
    const { subscription, url, requests } = await subscribe(api, {
      ...{ event_types: ['imessage.sent'], agent_identity_id: UNKNOWN },
    });
    const path = `${SUBSCRIPTIONS}/${subscription.id}`;
    const untilGone = (count: number) =>
      until('the response 410', async () => {
        const { deliveries } = (await api.client.get(DELIVERIES)).body;
        return deliveries.length === count && deliveries[0].response_status === 410;
      });
    const { pathname } = new URL(url);
    receiver.respondWith((response, request) => {
      response.writeHead(request.path === pathname ? 410 : 200).end();
    });
    for (const [index, body] of [
      { event_types: ['imessage.sent'] },
      { url },
      { status: 'active' },
      {},
    ].entries()) {
      await api.send({ to: PLAIN });
      await untilGone(index + 1);
      const unheard = await api.send({ to: PLAIN });
      await api.untilStatus(unheard.id, 'delivered');
      expect((await api.client.get(path)).body.status).toBe('active');
      expect((await api.client.get(SUBSCRIPTIONS)).body.subscriptions[0].status).toBe('active');
      const changed = await api.client.request('PATCH', path, { body });
      expect([changed.status, changed.body.status]).toEqual([200, 'active']);
    }
    receiver.respondWith((response) => void response.writeHead(200).end('ok'));
    const { id } = await api.send({ to: PLAIN });
    await until('the event', () => requests().some(({ body }) => body.data.message.id === id));
    expect(requests()).toHaveLength(5);
  });

  it('of another tenant are neither returned nor changed', async () => {
    const owner = await newImessageClient(homing, { account: 'webhook-owner' });
    const { subscription, untilEvent } = await subscribe(owner, {
      ...{ event_types: ['imessage.sent'], agent_identity_id: UNKNOWN },
    });
    await owner.send({ to: PLAIN });
    await untilEvent('imessage.sent');
    const [delivery] = (await owner.client.get(DELIVERIES)).body.deliveries;
    const [number] = await owner.get('/numbers');
    for (const [stranger, status] of [
      [await newImessageClient(homing), 403],
      [imessageClient(await createClient(homing, { account: 'webhook-owner', environment: 'live' })), 404],
    ] as const) {
      const { client } = stranger;
      expect((await client.get(SUBSCRIPTIONS)).body).toEqual({ subscriptions: [] });
      expect((await client.get(DELIVERIES)).body).toEqual({ deliveries: [] });
      const path = `${SUBSCRIPTIONS}/${subscription.id}`;
      expectDetail(await client.get(path), 404);
      expectDetail(await client.request('PATCH', path, { body: { url: 'https://example.com/x' } }), 404);
      expectDetail(await client.delete(path), 404);
      expectDetail(await client.post(`${DELIVERIES}/${delivery.id}/replay`, {}), 404);
      const body = { url: 'https://example.com/x', event_types: ['text.sent'], phone_number_id: number.id };
      expectDetail(await client.post(SUBSCRIPTIONS, body), status);
    }
    expect((await owner.client.get(DELIVERIES)).body.deliveries).toHaveLength(1);
  });

  it('have paths beside the webhooks of Textree', async () => {
    const { client } = await newImessageClient(homing);
    for (const path of [SUBSCRIPTIONS, DELIVERIES]) {
      const response = await client.request('PUT', path, { body: {} });
      expectDetail(response, 405);
    }
    const other = await client.request('PATCH', '/api/v1/webhooks/unknown', { body: { active: true } });
    expect([other.status, Object.keys(other.body)]).toEqual([404, ['error']]);
  });

  it('need the permission webhooks:manage', async () => {
    const client = await createClient(homing, { permissions: 'messages:read,messages:send' });
    expectDetail(await client.get(SUBSCRIPTIONS), 403);
    expectDetail(await client.get(DELIVERIES), 403);
    expectDetail(await client.post(SUBSCRIPTIONS, {}), 403);
  });
});

describe('events', () => {
  it('of the account have the message as listed, and a valid signature', async () => {
    const api = await newImessageClient(homing);
    const { subscription, requests, untilEvent } = await subscribe(api, {
      ...{ event_types: IMESSAGE_EVENTS, agent_identity_id: UNKNOWN },
    });
    await api.client.post('/api/v1/contacts', { phone_number: ECHO, name: 'Echo' });
    await api.send({ to: ECHO, text: 'ping' });
    const received = await untilEvent('imessage.received');
    const [echo, ping] = await api.get('/messages');
    expect(received.body).toEqual({
      id: expect.stringMatching(/^evt_[0-9a-z]{26}$/),
      event_type: 'imessage.received',
      timestamp: TIME,
      data: {
        message: echo,
        reaction: null,
        contacts: [{ id: UUID, name: 'Echo' }],
        agent_identities: [],
      },
    });
    const delivered = await untilEvent('imessage.delivered');
    expect(delivered.body.data.message).toMatchObject({ id: ping.id, status: 'delivered', reactions: null });
    expect((await untilEvent('imessage.sent')).body.data.message).toMatchObject({
      ...{ id: ping.id, status: 'sent', content: 'ping' },
    });
    const failing = await api.send({ to: '+15005550020' });
    const failed = await untilEvent('imessage.delivery_failed');
    expect(failed.body.data.message).toMatchObject({
      ...{
        id: failing.id,
        status: 'error',
        error_code: expect.any(String),
        error_message: expect.any(String),
      },
    });
    // This recipient of the sandbox reacts. Own reactions cause no event.
    const liked = await api.send({ to: REACTS });
    await api.post('/reactions', { message_id: liked.id, reaction: 'like' });
    const reaction = await untilEvent('imessage.reaction_received');
    expect(reaction.body.data).toEqual({
      message: null,
      reaction: {
        ...{ id: UUID, conversation_id: liked.conversation_id, assignment_id: null },
        ...{ target_message_id: liked.id, direction: 'inbound', reaction: 'love', custom_emoji: null },
        ...{ remote_number: REACTS, part_index: 0, created_at: TIME, updated_at: TIME },
      },
      contacts: [],
      agent_identities: [],
    });
    for (const request of requests()) {
      expectSigned(request, subscription.signing_key);
      expect(request.body.data.reaction?.direction ?? 'inbound').toBe('inbound');
    }
    expect(new Set(requests().map(({ headers }) => headers['x-inkbox-request-id'])).size).toBe(
      requests().length,
    );
  });

  it('of a group have its participants and no internal key', async () => {
    const api = await newImessageClient(homing);
    const { requests, untilEvent } = await subscribe(api, {
      ...{ event_types: ['imessage.sent', 'imessage.delivered'], agent_identity_id: UNKNOWN },
    });
    await api.send({ to: [PLAIN, OTHER], text: 'all' });
    const { body } = await untilEvent('imessage.delivered');
    expect(body.data.message).toMatchObject({
      ...{ remote_number: null, is_group: true, participants: [PLAIN, OTHER], status: 'delivered' },
      recipients: [{ remote_number: PLAIN }, { remote_number: OTHER }],
    });
    for (const { raw } of requests()) expect(raw).not.toContain(';+;');
  });

  it('of a number are limited to that number, and omit blocked senders', async () => {
    const account = 'imessage-text-events';
    const api = await newImessageClient(homing, { account, environment: 'live' });
    const [one, two] = [
      await pairedInbox(homing, '+14155557500', account),
      await pairedInbox(homing, '+14155557501', account),
    ];
    const { subscription, requests, untilEvent } = await subscribe(api, {
      ...{ event_types: TEXT_EVENTS, phone_number_id: one.id },
    });
    await api.post('/identities/default/contact-rules', { action: 'block', match_target: '+14155550103' });
    await two.receive({ from: '+14155550100', text: 'to the other number' });
    await one.receive({ from: '+14155550103', text: 'blocked' }, { from: '+14155550100', text: 'Hi' });
    const received = await untilEvent('text.received');
    expectSigned(received, subscription.signing_key);
    const [hi] = await api.get('/messages');
    expect(received.body.data).toEqual({ message: hi, reaction: null, contacts: [], agent_identities: [] });
    await one.receive({ from: '+14155550100', text: 'again' });
    await until('the second event', () => requests().length === 2);
    expect(requests().map(({ body }) => body.data.message.content)).toEqual(['Hi', 'again']);
  });
});

describe('deliveries', () => {
  it('are listed with their last attempt, newest first, and replayed', async () => {
    const api = await newImessageClient(homing);
    const failed = await subscribe(api, { event_types: ['imessage.sent'], agent_identity_id: UNKNOWN });
    const served = await subscribe(api, { event_types: ['imessage.sent'], agent_identity_id: UNKNOWN });
    const failing = new URL(failed.url).pathname;
    receiver.respondWith((response, { path }) => {
      response.writeHead(path === failing ? 503 : 200).end(path === failing ? 'busy' : 'ok');
    });
    await api.send({ to: PLAIN });
    await failed.untilEvent('imessage.sent');
    const sent = await served.untilEvent('imessage.sent');
    const list = async () => (await api.client.get(DELIVERIES)).body.deliveries;
    const rows = await until('both attempts', async () => {
      const deliveries = await list();
      return (
        deliveries.every((one: { duration_ms: number | null }) => one.duration_ms !== null) && deliveries
      );
    });
    const row = {
      id: UUID,
      organization_id: served.subscription.organization_id,
      webhook_subscription_id: served.subscription.id,
      phone_number_id: null,
      event_id: sent.body.id,
      event_type: 'imessage.sent',
      url: served.url,
      request_payload: sent.raw,
      response_status: 200,
      response_body: 'ok',
      error_detail: null,
      duration_ms: expect.any(Number),
      is_replay: false,
      created_at: TIME,
    };
    const ofFailed = {
      ...{ webhook_subscription_id: failed.subscription.id, url: failed.url },
      ...{ response_status: 503, response_body: 'busy' },
    };
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(expect.arrayContaining([row, { ...row, ...ofFailed }]));
    expect(Object.keys(rows[0])).toEqual(Object.keys(row));
    const { id } = rows.find((one: { url: string }) => one.url === served.url);
    const replayed = await api.client.post(`${DELIVERIES}/${id}/replay`, {});
    // The attempt can end before the response.
    const attempt = {
      response_status: expect.toBeOneOf([null, 200]),
      response_body: expect.toBeOneOf([null, 'ok']),
      duration_ms: expect.toBeOneOf([null, expect.any(Number)]),
    };
    expect([replayed.status, replayed.body]).toEqual([200, { ...row, ...attempt, is_replay: true }]);
    const again = await until('the replay', () => served.requests()[1]);
    expect(again.raw).toBe(sent.raw);
    expectSigned(again, served.subscription.signing_key);
    const [newest] = await until('the attempt of the replay', async () => {
      const deliveries = await list();
      return deliveries[0].response_status === 200 && deliveries;
    });
    expect(newest).toEqual({ ...row, id: replayed.body.id, is_replay: true });
    expect((await api.client.get(`${DELIVERIES}?limit=1`)).body.deliveries).toEqual([newest]);
    receiver.respondWith((response) => void response.writeHead(200).end('ok'));
  });

  it('contain the sent body, with its links to files', async () => {
    const api = await newImessageClient(homing);
    const { untilEvent } = await subscribe(api, {
      ...{ event_types: ['imessage.sent'], agent_identity_id: UNKNOWN },
    });
    await api.send({ to: PLAIN, media_urls: [`${receiver.url}.png`] });
    const { raw, body, at } = await untilEvent('imessage.sent');
    expect(body.data.message.media).toEqual([expect.objectContaining({ url: expect.any(String) })]);
    // A link that was signed later would have a later expiry.
    await until('a later second', () => Date.now() > at + 1_000);
    const [delivery] = await until('the attempt', async () => {
      const { deliveries } = (await api.client.get(DELIVERIES)).body;
      return deliveries[0].duration_ms !== null && deliveries;
    });
    expect(delivery.request_payload).toBe(raw);
  });

  it('without a response have the reason', async () => {
    const api = await newImessageClient(homing);
    const created = await api.client.post(SUBSCRIPTIONS, {
      ...{ url: 'http://127.0.0.1:9/closed', event_types: ['imessage.sent'], agent_identity_id: UNKNOWN },
    });
    expect(created.status).toBe(201);
    await api.send({ to: PLAIN });
    const delivery = await until('the attempt', async () => {
      const [one] = (await api.client.get(DELIVERIES)).body.deliveries;
      return one?.error_detail ? one : undefined;
    });
    expect(delivery).toMatchObject({
      ...{ response_status: null, response_body: null, error_detail: expect.any(String) },
      duration_ms: expect.any(Number),
    });
  });
});
