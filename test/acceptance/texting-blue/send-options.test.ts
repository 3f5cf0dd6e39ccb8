/** Tests the options of a send: send_at, expires_at, priority, dry_run, metadata and status_callback. */
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import {
  type Client,
  clientFor,
  createAccount,
  createClient,
  expectError,
  pairDevice,
} from '../../support/http-client.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const TO = '+15005550010';
const OWN = '+14155550177';
const HOUR = 3_600_000;

let homing: HomingProcess;
let sandbox: Client;
let live: Client;

beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  sandbox = clientFor(homing.url, homing.testKey);
  live = clientFor(homing.url, homing.liveKey);
  await pairDevice(homing, OWN);
});
afterAll(() => homing?.dispose());

const send = (body: object, client = sandbox) =>
  client.post('/v1/messages/send', { to: TO, content: 'Hi', ...body });
const get = async (id: string, client = sandbox) => (await client.get(`/v1/messages/${id}`)).body;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const reaches = (id: string, status: string) =>
  until(`${id} to be ${status}`, async () => ((await get(id)).status === status ? get(id) : undefined));

describe('a message with send_at', () => {
  it('stays queued until its time and returns the reason', async () => {
    const at = inMs(1_500);
    const sent = await send({ send_at: at });
    expect(sent.status, sent.text).toBe(202);
    expect(sent.body).toMatchObject({ status: 'queued', send_at: at });
    expect((await get(sent.body.id)).waiting).toEqual({
      until: at,
      reason: 'scheduled',
      message: 'The message is scheduled for later.',
    });
    const found = await reaches(sent.body.id, 'delivered');
    expect(found).toMatchObject({ send_at: at });
    expect(found).not.toHaveProperty('waiting');
    expect(Date.parse(found.delivered_at)).toBeGreaterThanOrEqual(Date.parse(at));
  });

  it('accepts a time with any offset', async () => {
    const sent = await send({ send_at: '2027-01-01T09:00:00+02:00' });
    expect(sent.body.send_at).toBe('2027-01-01T07:00:00.000Z');
    await sandbox.post(`/v1/messages/${sent.body.id}/cancel`, {});
  });

  it('is listed earliest first, in pages, until it is cancelled', async () => {
    await createAccount(homing, 'planner');
    const client = await createClient(homing, { account: 'planner' });
    const ids: string[] = [];
    for (const hours of [3, 1, 2]) {
      ids.push((await send({ send_at: inMs(hours * HOUR) }, client)).body.id);
    }
    const order = [ids[1], ids[2], ids[0]];
    const list = async (query = '') => (await client.get(`/v1/messages/scheduled${query}`)).body;
    expect((await list()).messages.map(({ id }: { id: string }) => id)).toEqual(order);
    const first = await list('?limit=2');
    expect(first).toMatchObject({ has_more: true, cursor: order[1] });
    expect(await list(`?limit=2&cursor=${first.cursor}`)).toMatchObject({
      messages: [{ id: order[2], status: 'queued' }],
      has_more: false,
      cursor: null,
    });
    expect((await client.post(`/v1/messages/${ids[1]}/cancel`, {})).body).toMatchObject({
      status: 'failed',
      error_code: 'cancelled',
    });
    expect((await list()).messages.map(({ id }: { id: string }) => id)).toEqual(order.slice(1));
    expectError(await client.get('/v1/messages/scheduled?cursor=msg_x'), 400, 'invalid_request', 'cursor');
  });

  it.each([
    ['in the past', inMs(-24 * HOUR)],
    ['two years in the future', inMs(2 * 366 * 24 * HOUR)],
    ['in words', 'tomorrow'],
    ['without a zone', '2027-01-01T09:00:00'],
    ['that is a number', 5],
  ])('returns 400 for a time %s', async (_, send_at) => {
    expectError(await send({ send_at }), 400, 'invalid_request', 'send_at');
  });
});

describe('a message with expires_at', () => {
  it('fails as expired if no device sends it in time', async () => {
    const at = inMs(1_200);
    const sent = await send({ from: OWN, expires_at: at }, live);
    expect(sent.status, sent.text).toBe(202);
    const before = await get(sent.body.id, live);
    expect(before).toMatchObject({
      status: 'queued',
      expires_at: at,
      waiting: { reason: 'no_device', until: null },
    });
    const found = await until('the expiry', async () => {
      const one = await get(sent.body.id, live);
      return one.status === 'failed' && one;
    });
    expect(found).toMatchObject({ error_code: 'expired' });
  });

  it('returns 400 if expires_at is not after send_at', async () => {
    const response = await send({ send_at: inMs(2 * HOUR), expires_at: inMs(HOUR) });
    expectError(response, 400, 'invalid_request', 'expires_at');
  });
});

describe('a message with priority', () => {
  it('accepts normal and high only', async () => {
    expectError(await send({ priority: 'urgent' }), 400, 'invalid_request', 'priority');
    const { body } = await send({ priority: 'high' });
    expect(await get(body.id)).toMatchObject({ priority: 'high' });
  });
});

describe('a dry run', () => {
  it('returns the result of the send and stores nothing', async () => {
    await createAccount(homing, 'careful');
    const client = await createClient(homing, { account: 'careful' });
    const response = await send({ dry_run: true, content: 'ü'.repeat(200), metadata: { a: 1 } }, client);
    expect(response.status, response.text).toBe(200);
    expect(response.body).toEqual({
      dry_run: true,
      to: TO,
      from: '+15005550006',
      content: 'ü'.repeat(200),
      media_url: null,
      segments: 2,
      cost_cents: 0,
      waiting: null,
    });
    expect((await client.get('/v1/messages')).body.messages).toEqual([]);
    expect((await client.get('/v1/numbers')).body.numbers).toEqual([]);
  });

  it('returns the same errors as the send', async () => {
    expectError(await send({ dry_run: true, from: '+15005550031' }), 400, 'invalid_request', 'from');
    expectError(await send({ dry_run: true, to: 'x' }), 400, 'invalid_request', 'to');
    expectError(await send({ dry_run: 'yes' }), 400, 'invalid_request', 'dry_run');
  });

  it('returns the reason for a delay', async () => {
    const at = inMs(HOUR);
    expect((await send({ dry_run: true, send_at: at })).body.waiting).toMatchObject({
      until: at,
      reason: 'scheduled',
    });
    const { body } = await send({ dry_run: true, from: OWN }, live);
    expect(body.waiting).toEqual({
      until: null,
      reason: 'no_device',
      message: 'No device of the number is connected.',
    });
  });
});

describe('the field metadata', () => {
  it('is returned by the send, the message, lists and the Textree API', async () => {
    const metadata = { order: 4711, tags: ['a', 'ü'] };
    const sent = await send({ metadata });
    expect(sent.body.metadata).toEqual(metadata);
    expect((await get(sent.body.id)).metadata).toEqual(metadata);
    const { messages } = (await sandbox.get('/v1/messages?limit=1')).body;
    expect(messages[0].metadata).toEqual(metadata);
    const bearer = { authorization: `Bearer ${homing.testKey}` };
    const textree = await fetch(`${homing.url}/api/v1/messages/${sent.body.id}`, { headers: bearer });
    expect(await textree.json()).toMatchObject({ message: { metadata } });
  });

  it.each([
    ['a string', 'x'],
    ['a list', []],
    ['an object over 4 KB', { text: 'x'.repeat(5_000) }],
  ])('returns 400 for %s', async (_, metadata) => {
    expectError(await send({ metadata }), 400, 'invalid_request', 'metadata');
  });
});

describe('a status_callback', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  it('receives the signed status changes of its message only', async () => {
    const metadata = { order: 1 };
    const sent = await send({ status_callback: receiver.url, metadata });
    await send({});
    await until('both events', () => receiver.received.length === 2);
    expect(receiver.received.map(({ body }) => [body.type, body.data.id])).toEqual([
      ['message.sent', sent.body.id],
      ['message.delivered', sent.body.id],
    ]);
    const { secret } = (await sandbox.get('/v1/webhooks/callback-secret')).body;
    for (const { raw, headers, body } of receiver.received) {
      expect(body.data.metadata).toEqual(metadata);
      new Webhook(secret).verify(raw, headers);
      const hex = createHmac('sha256', secret).update(raw).digest('hex');
      expect(headers['x-textingblue-signature']).toBe(`sha256=${hex}`);
    }
    expect((await sandbox.get('/v1/webhooks')).body.webhooks).toEqual([]);
  });

  it('receives the failure of its message', async () => {
    await send({ to: '+15005550020', status_callback: receiver.url });
    const [event] = await until('the event', () => receiver.received.length > 0 && receiver.received);
    expect(event!.body).toMatchObject({ type: 'message.failed', data: { error_code: 'not_on_imessage' } });
  });

  it('may be a URL of 2,048 characters, in any script', async () => {
    const start = 'https://callbacks.example.com/';
    // Random, so that a database cannot compress it.
    const rest = Array.from({ length: 2_048 - start.length }, () =>
      String.fromCodePoint(0x4e00 + Math.floor(Math.random() * 20_000)),
    );
    const options = { status_callback: start + rest.join('') };
    const [first, second] = [await send(options), await send(options)];
    expect([first.status, second.status], first.text).toEqual([202, 202]);
  });

  it('returns 400 for an invalid URL', async () => {
    expectError(await send({ status_callback: 'nowhere' }), 400, 'invalid_request', 'status_callback');
  });
});

describe('an idempotency key', () => {
  it('returns 409 for a repeat with other options', async () => {
    const headers = { 'idempotency-key': 'options-1234' };
    const body = { to: TO, content: 'Hi', metadata: { a: 1 } };
    const first = await sandbox.post('/v1/messages/send', body, headers);
    expect((await sandbox.post('/v1/messages/send', body, headers)).body).toEqual(first.body);
    const other = await sandbox.post('/v1/messages/send', { ...body, metadata: { a: 2 } }, headers);
    expectError(other, 409, 'conflict', 'Idempotency-Key');
  });
});
