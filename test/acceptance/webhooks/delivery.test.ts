/** Checks webhooks of the Texting Blue API: the real program delivers them to a real receiver. */
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type Client, createAccount, createClient, expectError } from '../../support/http-client.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

let homing: HomingProcess;
let client: Client;
let receiver: Receiver;
let accounts = 0;

beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
});
afterAll(() => homing?.dispose());
beforeEach(async () => {
  receiver = await startReceiver();
  accounts += 1;
  await createAccount(homing, `hooks-${accounts}`);
  client = await createClient(homing, { account: `hooks-${accounts}` });
});
afterEach(() => receiver.close());

const ALL = ['message.received', 'message.sent', 'message.delivered', 'message.failed'];

async function add(events: readonly string[] = ALL, change: object = {}) {
  const made = await client.post('/v1/webhooks', { url: receiver.url, events, ...change });
  expect(made.status, made.text).toBe(201);
  return made.body;
}
async function send(to: string, content = 'Hello') {
  const sent = await client.post('/v1/messages/send', { to, content });
  expect(sent.status, sent.text).toBe(202);
  return sent.body.id as string;
}
const arrived = (count: number) =>
  until(`${count} requests to arrive`, () => receiver.received.length >= count && receiver.received);
const reached = (id: string, status: string) =>
  until(
    `the message to be ${status}`,
    async () => (await client.get(`/v1/messages/${id}`)).body.status === status,
  );
const deliveries = async (id: string) => (await client.get(`/v1/webhooks/${id}/deliveries`)).body.deliveries;

describe('a message', () => {
  it('causes events for its states and its reply, in order, each with both signatures', async () => {
    const { secret } = await add();
    const id = await send('+15005550014');
    const [sent, delivered, received] = await arrived(3);
    expect(receiver.received.map(({ body }) => [body.type, body.data.content])).toEqual([
      ['message.sent', 'Hello'],
      ['message.delivered', 'Hello'],
      ['message.received', 'echo: Hello'],
    ]);
    expect(sent!.body.data.id).toBe(id);
    expect(received!.body).toEqual({
      id: expect.stringMatching(/^evt_[0-9a-z]{26}$/),
      type: 'message.received',
      timestamp: expect.stringMatching(/Z$/),
      data: {
        id: expect.stringMatching(/^msg_/),
        from: '+15005550014',
        to: '+15005550006',
        content: 'echo: Hello',
        media_url: null,
        received_at: expect.stringMatching(/Z$/),
        conversation_id: sent!.body.data.conversation_id,
        is_group: false,
        sender: null,
        participants: null,
        service: 'imessage',
        reply_to: null,
        effect: null,
        subject: null,
        media: [],
        reactions: [],
        edited_at: null,
        unsent_at: null,
        read_at: null,
      },
    });
    expect(received!.body.data.conversation_id).toMatch(/^conv_[0-9a-z]{26}$/);
    expect(Object.keys(sent!.body.data).slice(0, 10)).toEqual([
      ...['id', 'from', 'to', 'content', 'media_url', 'received_at', 'status', 'error_code', 'error_message'],
      'conversation_id',
    ]);
    for (const { raw, headers, body } of [sent, delivered, received] as NonNullable<typeof sent>[]) {
      expect(headers['content-type']).toBe('application/json');
      expect(headers['x-textingblue-event']).toBe(body.type);
      const byHand = createHmac('sha256', secret).update(raw).digest('hex');
      expect(headers['x-textingblue-signature']).toBe(`sha256=${byHand}`);
      expect(headers['webhook-id']).toBe(body.id);
      expect(new Webhook(secret).verify(raw, headers)).toEqual(body);
      expect(() => new Webhook(secret).verify(`${raw} `, headers)).toThrow();
    }
  });

  it('that failed causes an event with its error code', async () => {
    await add(['message.failed']);
    await send('+15005550020');
    const [failed] = await arrived(1);
    expect(failed!.body.data).toMatchObject({ status: 'failed', error_code: 'not_on_imessage' });
  });

  it('causes events only at webhooks with that event type and that number', async () => {
    // The sandbox registers a number at its first message.
    const first = { to: '+15005550011', content: 'x', from: '+15005550007' };
    await reached((await client.post('/v1/messages/send', first)).body.id, 'sent');
    const other = await startReceiver();
    await add(['message.delivered']);
    const made = await client.post('/v1/webhooks', {
      url: other.url,
      events: ALL,
      phone_number: '+15005550007',
    });
    expect(made.body.phone_number).toBe('+15005550007');
    await send('+15005550010', 'by the first');
    await client.post('/v1/messages/send', { to: '+15005550010', content: 'by 7', from: '+15005550007' });
    await arrived(2);
    await until('both of number 7', () => other.received.length >= 2);
    expect(receiver.received.map(({ body }) => body.type)).toEqual([
      'message.delivered',
      'message.delivered',
    ]);
    expect(new Set(other.received.map(({ body }) => body.data.content))).toEqual(new Set(['by 7']));
    await other.close();
  });
});

describe('a receiver', () => {
  it('that fails is retried immediately with the same event, and every attempt is recorded', async () => {
    receiver.respondWith((response) =>
      receiver.received.length < 2
        ? response.writeHead(500).end('x'.repeat(5_000))
        : response.writeHead(204).end(),
    );
    const { id } = await add(['message.sent']);
    await send('+15005550011');
    const [first, second] = await arrived(2);
    expect(second!.raw).toBe(first!.raw);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    const [delivery] = await until('the delivery to be recorded', async () => {
      const all = await deliveries(id);
      return all[0].status === 'delivered' && all;
    });
    expect(delivery.attempts).toMatchObject([
      { status_code: 500, answer: 'x'.repeat(2_048) },
      { status_code: 204, answer: '' },
    ]);
    expect(delivery.next_attempt_at).toBeNull();
  });

  it('that returns Retry-After is retried after that time', async () => {
    receiver.respondWith((response) => response.writeHead(503, { 'retry-after': '120' }).end());
    const { id } = await add(['message.sent']);
    await send('+15005550011');
    await until('the first attempt', async () => (await deliveries(id))[0]?.attempts.length === 1);
    // Read again: a delivery and its attempts are two reads, so the attempts may be newer.
    const [delivery] = await deliveries(id);
    const wait = Date.parse(delivery.next_attempt_at) - Date.parse(delivery.attempts[0].at);
    expect(wait).toBeGreaterThanOrEqual(120_000);
    expect(wait).toBeLessThan(130_000);
  });

  it('that redirects receives no second request at the target', async () => {
    const other = await startReceiver();
    receiver.respondWith((response) => response.writeHead(307, { location: other.url }).end());
    const { id } = await add(['message.sent']);
    await send('+15005550011');
    await until('both attempts', async () => (await deliveries(id))[0]?.attempts.length === 2);
    expect(other.received).toEqual([]);
    await other.close();
  });

  it.each([
    ['closes the connection', (response: import('node:http').ServerResponse) => response.destroy()],
    [
      'sends an invalid response',
      (response: import('node:http').ServerResponse) => response.socket?.end('nonsense\r\n\r\n'),
    ],
  ])('that %s is a failed attempt', async (_, respond) => {
    receiver.respondWith(respond);
    const { id } = await add(['message.sent']);
    await send('+15005550011');
    const [delivery] = await until('both attempts', async () => {
      const all = await deliveries(id);
      return all[0]?.attempts.length === 2 && all;
    });
    expect(delivery.attempts[0]).toMatchObject({ status_code: null, answer: expect.stringMatching(/\w/) });
    expect(delivery.status).toBe('pending');
  });

  it('that returns 410 makes its webhook inactive until it is activated again', async () => {
    receiver.respondWith((response) => response.writeHead(410).end());
    const { id } = await add(['message.sent']);
    await send('+15005550011');
    await until(
      'the webhook to be inactive',
      async () => !(await client.get(`/v1/webhooks/${id}`)).body.active,
    );
    await reached(await send('+15005550011', 'not delivered'), 'sent');
    receiver.respondWith((response) => response.writeHead(200).end());
    expect((await client.put(`/v1/webhooks/${id}`, { active: true })).body.active).toBe(true);
    await send('+15005550011', 'delivered again');
    const all = await arrived(2);
    expect(all.map(({ body }) => body.data.content)).toEqual(['Hello', 'delivered again']);
  });

  it('that hangs does not delay other webhooks', async () => {
    const hanging = await startReceiver();
    hanging.respondWith(() => {});
    await client.post('/v1/webhooks', { url: hanging.url, events: ALL });
    await add(['message.delivered']);
    for (let index = 0; index < 20; index += 1) await send('+15005550010', `number ${index}`);
    await arrived(20);
    expect(hanging.received.length).toBeLessThanOrEqual(4);
    await hanging.close();
  });
});

it('a pending delivery is delivered after the broker was killed', async () => {
  receiver.respondWith((response) => response.writeHead(503).end());
  await add(['message.sent']);
  await send('+15005550011');
  await arrived(1);
  await homing.kill();
  receiver.respondWith((response) => response.writeHead(200).end());
  const before = receiver.received.length;
  await homing.restart();
  const all = await until('the retry', () => receiver.received.length > before && receiver.received);
  expect(all.at(-1)!.headers['webhook-id']).toBe(all[0]!.headers['webhook-id']);
});

describe('a webhook', () => {
  it('is created with its secret, listed without it, changed and deleted', async () => {
    const made = await add(['message.sent', 'message.sent'], { phone_number: null });
    expect(Object.keys(made)).toEqual([
      'id',
      'url',
      'events',
      'phone_number',
      'secret',
      'active',
      'created_at',
    ]);
    expect(made).toMatchObject({ events: ['message.sent'], active: true });
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/=]{32}$/);
    const { secret, ...shown } = made;
    expect((await client.get('/v1/webhooks')).body).toEqual({ webhooks: [shown] });
    expect((await client.get(`/v1/webhooks/${made.id}`)).body).toEqual(shown);
    const url = `${receiver.url}/other`;
    expect((await client.put(`/v1/webhooks/${made.id}`, { url, events: ALL })).body).toEqual({
      ...shown,
      url,
      events: ALL,
    });
    expect((await client.delete(`/v1/webhooks/${made.id}`)).status).toBe(204);
    expectError(await client.get(`/v1/webhooks/${made.id}`), 404, 'not_found');
  });

  it('is rejected if its URL is used or invalid, or its events are invalid', async () => {
    await add();
    expectError(
      await client.post('/v1/webhooks', { url: receiver.url, events: ALL }),
      409,
      'conflict',
      'url',
    );
    const wrong: Array<[object, string]> = [
      [{ url: 'ftp://example.com', events: ALL }, 'url'],
      [{ events: ALL }, 'url'],
      [{ url: 'https://example.com', events: [] }, 'events'],
      [{ url: 'https://example.com' }, 'events'],
      [{ url: 'https://example.com', events: ALL, phone_number: '+14155550111' }, 'phone_number'],
    ];
    for (const [body, param] of wrong) {
      expectError(await client.post('/v1/webhooks', body), 400, 'invalid_request', param);
    }
    const unknown = await client.post('/v1/webhooks', {
      url: 'https://example.com',
      events: ['message.opened'],
    });
    expectError(unknown, 400, 'invalid_request', 'events.0');
  });

  it('receives a sample message from a test, and an old event from a replay', async () => {
    const { id } = await add(['message.failed']);
    const tried = await client.post(`/v1/webhooks/${id}/test`, undefined);
    expect(tried.status, tried.text).toBe(202);
    const [first] = await arrived(1);
    expect(first!.body.data.content).toBe('This is a test of your webhook.');
    const replay = await client.post(`/v1/webhooks/${id}/replay`, { event_id: first!.body.id });
    expect([replay.status, replay.body.is_replay]).toEqual([202, true]);
    const [, again] = await arrived(2);
    expect(again!.raw).toBe(first!.raw);
    const unknown = { event_id: 'evt_01m7ypkdxffkmb6tyeck3vccad' };
    expectError(await client.post(`/v1/webhooks/${id}/replay`, unknown), 404, 'not_found');
  });

  it('signs with the previous secret too until the overlap ends', async () => {
    const { id, secret } = await add(['message.sent']);
    const rotated = await client.post(`/v1/webhooks/${id}/rotate-secret`, { overlap_hours: 1 });
    expect(rotated.body.secret).not.toBe(secret);
    await send('+15005550011');
    const [one] = await arrived(1);
    for (const key of [secret, rotated.body.secret]) new Webhook(key).verify(one!.raw, one!.headers);
    const { secret: last } = (await client.post(`/v1/webhooks/${id}/rotate-secret`, { overlap_hours: 0 }))
      .body;
    await send('+15005550011');
    const [, two] = await arrived(2);
    new Webhook(last).verify(two!.raw, two!.headers);
    expect(() => new Webhook(rotated.body.secret).verify(two!.raw, two!.headers)).toThrow();
  });

  it('of another account returns 404', async () => {
    const { id } = await add();
    await createAccount(homing, `other-${accounts}`);
    const otherClient = await createClient(homing, { account: `other-${accounts}` });
    for (const response of [
      await otherClient.get(`/v1/webhooks/${id}`),
      await otherClient.put(`/v1/webhooks/${id}`, { active: false }),
      await otherClient.delete(`/v1/webhooks/${id}`),
      await otherClient.post(`/v1/webhooks/${id}/test`, undefined),
      await otherClient.post(`/v1/webhooks/${id}/rotate-secret`, {}),
      await otherClient.get(`/v1/webhooks/${id}/deliveries`),
    ]) {
      expectError(response, 404, 'not_found');
    }
    expect((await otherClient.get('/v1/webhooks')).body).toEqual({ webhooks: [] });
  });
});
