/** Tests the verification of webhook requests with requests of a real broker. */
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
/** The headers without those of Standard Webhooks, which contain the timestamp. */
const withoutStandardHeaders = ({ headers }: Received) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('webhook-')));
/** A client whose clock shows this time, in epoch seconds. */
const clientAt = (seconds: number) =>
  createHoming({
    url: homing.url,
    key: homing.testKey,
    clock: { now: () => seconds * 1000, after: () => () => {} },
  });

describe('webhooks.verify', () => {
  it('webhooks.verify accepts a request of the broker as text or bytes, with headers of Node or of fetch', async () => {
    const bytes = new TextEncoder().encode(posted.raw);
    for (const body of [posted.raw, bytes, bytes.buffer]) {
      for (const headers of [posted.headers, new Headers(posted.headers)]) {
        const event = await client.webhooks.verify(body, headers, secret);
        expect(event).toEqual(posted.body);
        expect(event.type).toBe('message.received');
      }
    }
  });

  it('webhooks.verify accepts a request with only x-textingblue-signature', async () => {
    expect(await client.webhooks.verify(posted.raw, withoutStandardHeaders(posted), secret)).toEqual(
      posted.body,
    );
  });

  it('webhooks.verify accepts any of several secrets, and the old one during a rotation', async () => {
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
    // The request from before the rotation is signed with the old secret only.
    await expect(client.webhooks.verify(posted.raw, posted.headers, rotated.secret)).rejects.toMatchObject(
      invalid,
    );
    secret = rotated.secret;
  });

  it('webhooks.verify works when WebCrypto exists only as a module, as in Node 18', async () => {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
    try {
      expect(await client.webhooks.verify(posted.raw, posted.headers, secret)).toEqual(posted.body);
    } finally {
      Object.defineProperty(globalThis, 'crypto', descriptor);
    }
  });
});

describe('webhooks.verify of a forged request', () => {
  it('webhooks.verify rejects another secret', async () => {
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    for (const headers of [posted.headers, withoutStandardHeaders(posted)]) {
      await expect(client.webhooks.verify(posted.raw, headers, other)).rejects.toMatchObject(invalid);
    }
  });

  it('webhooks.verify rejects another body, id or timestamp', async () => {
    const now = Math.floor(Date.now() / 1000);
    for (const [body, headers] of [
      [`${posted.raw} `, posted.headers],
      [`${posted.raw} `, withoutStandardHeaders(posted)],
      [posted.raw, { ...posted.headers, 'webhook-id': 'evt_other' }],
      [posted.raw, { ...posted.headers, 'webhook-timestamp': String(now + 1) }],
      [posted.raw, { ...posted.headers, 'webhook-timestamp': 'now' }],
    ] as const) {
      await expect(client.webhooks.verify(body, headers, secret)).rejects.toMatchObject(invalid);
    }
  });

  it.each([
    ['no headers', {}],
    ['an empty signature', { 'x-textingblue-signature': '' }],
    ['invalid hex', { 'x-textingblue-signature': 'sha256=xyz' }],
    ['a short signature', { 'x-textingblue-signature': 'sha256=ab' }],
    ['invalid base64', { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,%%%' }],
    [
      'another version of the signature',
      { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1a,abcd' },
    ],
  ])('webhooks.verify rejects a request with %s', async (_case, headers) => {
    await expect(client.webhooks.verify(posted.raw, headers, secret)).rejects.toMatchObject(invalid);
  });

  it('webhooks.verify rejects an invalid Standard Webhooks signature beside a valid x-textingblue-signature', async () => {
    const headers = { ...posted.headers, 'webhook-signature': 'v1,AAAA' };
    await expect(client.webhooks.verify(posted.raw, headers, secret)).rejects.toMatchObject(invalid);
  });
});

describe('webhooks.verify of an old request', () => {
  it('webhooks.verify rejects a timestamp more than five minutes in the past or the future', async () => {
    const signed = Number(posted.headers['webhook-timestamp']);
    const happened = Date.parse(posted.body.timestamp) / 1000;
    for (const [headers, from] of [
      [posted.headers, signed],
      [withoutStandardHeaders(posted), happened],
    ] as const) {
      for (const age of [-300, 300]) {
        expect(await clientAt(from + age).webhooks.verify(posted.raw, headers, secret)).toEqual(posted.body);
      }
      for (const age of [-301, 301]) {
        const outdated = clientAt(from + age).webhooks.verify(posted.raw, headers, secret);
        await expect(outdated).rejects.toMatchObject(stale);
      }
    }
  });

  it('webhooks.verify accepts an old request within toleranceSeconds', async () => {
    const anHourLater = clientAt(Number(posted.headers['webhook-timestamp']) + 3_600);
    const tolerant = { toleranceSeconds: 3_600 };
    const event = await anHourLater.webhooks.verify(posted.raw, posted.headers, secret, tolerant);
    expect(event).toEqual(posted.body);
  });

  it('webhooks.verify rejects a body without a timestamp', async () => {
    const body = '{"id":"evt_1"}';
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'x-textingblue-signature': `sha256=${signature}` };
    await expect(client.webhooks.verify(body, headers, secret)).rejects.toMatchObject(stale);
  });
});

it.each(['', []])('webhooks.verify throws a TypeError for the secret %j', async (noSecret) => {
  await expect(client.webhooks.verify(posted.raw, posted.headers, noSecret)).rejects.toThrow(
    /secret is missing/,
  );
});
