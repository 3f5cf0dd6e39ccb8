/** Whether a webhook's request is taken for the broker's own, by what the real broker posts. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHoming, type Homing } from '../../client/src/index.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

let homing: HomingProcess;
let receiver: Receiver;
let client: Homing;
let secret: string;
let webhook: string;

beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  receiver = await startReceiver();
  client = createHoming({ url: homing.url, key: homing.testKey });
  const made = await client.unwrap(
    client.POST('/v1/webhooks', { body: { url: receiver.url, events: ['message.received'] } }),
  );
  ({ secret, id: webhook } = made);
});
afterAll(async () => {
  await receiver?.close();
  await homing?.dispose();
});

let posted: Received;
beforeEach(async () => {
  const before = receiver.received.length;
  await client.unwrap(client.POST('/v1/webhooks/{id}/test', { params: { path: { id: webhook } } }));
  posted = await until('the request', () => receiver.received[before]);
});

const invalid = { name: 'HomingApiError', code: 'invalid_signature' };
const stale = { code: 'stale_timestamp' };
/** The request without the headers that say when it was sent. */
const untimed = ({ headers }: Received) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('webhook-')));
/** A client whose clock stands at this time, in seconds. */
const at = (seconds: number) =>
  createHoming({
    url: homing.url,
    key: homing.testKey,
    clock: { now: () => seconds * 1000, after: () => () => {} },
  });

describe('a request of the broker', () => {
  it('is taken, as text or bytes, with headers as Node and as fetch have them', async () => {
    const bytes = new TextEncoder().encode(posted.raw);
    for (const body of [posted.raw, bytes, bytes.buffer]) {
      for (const headers of [posted.headers, new Headers(posted.headers)]) {
        const event = await client.webhooks.verify(body, headers, secret);
        expect(event).toEqual(posted.body);
        expect(event.type).toBe('message.received');
      }
    }
  });

  it('is taken by its x-textingblue-signature alone', async () => {
    expect(await client.webhooks.verify(posted.raw, untimed(posted), secret)).toEqual(posted.body);
  });

  it('is taken by one of several secrets, the old one too while it is being changed', async () => {
    const rotated = await client.unwrap(
      client.POST('/v1/webhooks/{id}/rotate-secret', {
        params: { path: { id: webhook } },
        body: { overlap_hours: 1 },
      }),
    );
    const before = receiver.received.length;
    await client.unwrap(client.POST('/v1/webhooks/{id}/test', { params: { path: { id: webhook } } }));
    const { raw, headers, body } = await until('the request', () => receiver.received[before]);
    for (const known of [secret, rotated.secret, [secret, rotated.secret]]) {
      expect(await client.webhooks.verify(raw, headers, known)).toEqual(body);
    }
    // What was posted before was signed by the old one alone.
    await expect(client.webhooks.verify(posted.raw, posted.headers, rotated.secret)).rejects.toMatchObject(
      invalid,
    );
    secret = rotated.secret;
  });

  it('is taken where WebCrypto is in a module only, as in Node 18', async () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
    try {
      expect(await client.webhooks.verify(posted.raw, posted.headers, secret)).toEqual(posted.body);
    } finally {
      Object.defineProperty(globalThis, 'crypto', own);
    }
  });
});

describe('a request of somebody else', () => {
  it('is refused with another secret', async () => {
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    for (const headers of [posted.headers, untimed(posted)]) {
      await expect(client.webhooks.verify(posted.raw, headers, other)).rejects.toMatchObject(invalid);
    }
  });

  it('is refused with another body, id or time', async () => {
    const now = Math.floor(Date.now() / 1000);
    for (const [body, headers] of [
      [`${posted.raw} `, posted.headers],
      [`${posted.raw} `, untimed(posted)],
      [posted.raw, { ...posted.headers, 'webhook-id': 'evt_other' }],
      [posted.raw, { ...posted.headers, 'webhook-timestamp': String(now + 1) }],
      [posted.raw, { ...posted.headers, 'webhook-timestamp': 'now' }],
    ] as const) {
      await expect(client.webhooks.verify(body, headers, secret)).rejects.toMatchObject(invalid);
    }
  });

  it.each([
    ['nothing', {}],
    ['an empty signature', { 'x-textingblue-signature': '' }],
    ['no hex', { 'x-textingblue-signature': 'sha256=xyz' }],
    ['a short signature', { 'x-textingblue-signature': 'sha256=ab' }],
    ['no base64', { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,%%%' }],
    ['another version', { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1a,abcd' }],
  ])('is refused with %s', async (_what, headers) => {
    await expect(client.webhooks.verify(posted.raw, headers, secret)).rejects.toMatchObject(invalid);
  });

  it('is not made good by a good signature of the other kind', async () => {
    const headers = { ...posted.headers, 'webhook-signature': 'v1,AAAA' };
    await expect(client.webhooks.verify(posted.raw, headers, secret)).rejects.toMatchObject(invalid);
  });
});

describe('an old request', () => {
  it('is refused five minutes after it was signed, and before', async () => {
    const signed = Number(posted.headers['webhook-timestamp']);
    const happened = Date.parse(posted.body.timestamp) / 1000;
    for (const [headers, from] of [
      [posted.headers, signed],
      [untimed(posted), happened],
    ] as const) {
      for (const age of [-300, 300]) {
        expect(await at(from + age).webhooks.verify(posted.raw, headers, secret)).toEqual(posted.body);
      }
      for (const age of [-301, 301]) {
        const late = at(from + age).webhooks.verify(posted.raw, headers, secret);
        await expect(late).rejects.toMatchObject(stale);
      }
    }
  });

  it('is taken where that is allowed', async () => {
    const anHourLater = at(Number(posted.headers['webhook-timestamp']) + 3_600);
    const tolerant = { toleranceSeconds: 3_600 };
    const event = await anHourLater.webhooks.verify(posted.raw, posted.headers, secret, tolerant);
    expect(event).toEqual(posted.body);
  });

  it('is refused where its body names no time', async () => {
    const body = '{"id":"evt_1"}';
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'x-textingblue-signature': `sha256=${signature}` };
    await expect(client.webhooks.verify(body, headers, secret)).rejects.toMatchObject(stale);
  });
});

it.each(['', []])('the secret %j is a mistake of the program', async (none) => {
  await expect(client.webhooks.verify(posted.raw, posted.headers, none)).rejects.toThrow(/secret is missing/);
});
