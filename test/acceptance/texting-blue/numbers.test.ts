/** Tests the account's numbers: list, registration, updates and deletion, and their effect on messages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import {
  type Client,
  clientFor,
  createAccount,
  createClient,
  expectError,
  type HttpResponse,
  pairDevice,
} from '../../support/http-client.ts';
import { until } from '../../support/until.ts';

const UNKNOWN = 'num_01m7ypkdxffkmb6tyeck3vccad';
const PUBLIC_URL = 'https://homing.example';
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

let homing: HomingProcess;
let client: Client;
let other: Client;

beforeAll(async () => {
  homing = await startHoming({ HOMING_PUBLIC_URL: PUBLIC_URL });
  client = clientFor(homing.url, homing.liveKey);
  await createAccount(homing, 'other');
  other = await createClient(homing, { account: 'other', environment: 'live' });
});
afterAll(() => homing?.dispose());

async function pair(number: string, name?: string): Promise<{ id: string; token: string }> {
  const { token } = await pairDevice(homing, number, { name });
  return { id: (await numberOf(number)).id, token };
}

async function numberOf(phoneNumber: string, by = client) {
  const { numbers } = (await by.get('/v1/numbers')).body;
  return numbers.find((number: { phone_number: string }) => number.phone_number === phoneNumber);
}

/** Sends one poll of a device. */
function poll(token: string, frames: unknown[]): Promise<HttpResponse> {
  return clientFor(homing.url).post(
    '/relay/v1/poll',
    { frames: [{ type: 'hello', protocol: 1, credit: 0 }, ...frames] },
    { authorization: `Bearer ${token}` },
  );
}

const send = (from: string, by = client) =>
  by.post('/v1/messages/send', { to: '+14155550100', from, content: 'Hi' });

describe('GET /v1/numbers', () => {
  it('returns every number with all fields', async () => {
    const number = '+14155550110';
    const { token } = await pair(number, 'Kitchen iPad');
    const fresh = await numberOf(number);
    expect(fresh).toEqual({
      id: expect.stringMatching(/^num_[0-9a-z]{26}$/),
      phone_number: number,
      label: null,
      status: 'active',
      verified: true,
      device_name: 'Kitchen iPad',
      last_seen_at: null,
      messages_today: 0,
      created_at: expect.stringMatching(ISO_TIME),
      capabilities: [],
    });

    const before = Date.now();
    expect((await poll(token, [])).status).toBe(200);
    for (let n = 0; n < 3; n += 1) expect((await send(number)).status).toBe(202);
    const seen = await numberOf(number);
    expect(seen.messages_today).toBe(3);
    expect(seen.last_seen_at).toMatch(ISO_TIME);
    expect(Date.parse(seen.last_seen_at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(seen.last_seen_at)).toBeLessThanOrEqual(Date.now());
  });

  it('preserves last_seen_at across a restart', async () => {
    const number = '+14155550111';
    const { token } = await pair(number);
    await poll(token, []);
    const before = await numberOf(number);
    await homing.stop();
    await homing.restart();
    expect(Date.parse((await numberOf(number)).last_seen_at)).toBeGreaterThanOrEqual(
      Date.parse(before.last_seen_at),
    );
  });

  it('returns an empty list for an account without numbers', async () => {
    await createAccount(homing, 'without');
    const without = await createClient(homing, { account: 'without', environment: 'live' });
    const response = await without.get('/v1/numbers');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ numbers: [] });
  });
});

describe('POST /v1/numbers/verify', () => {
  const verify = (phone_number: unknown, by = client) => by.post('/v1/numbers/verify', { phone_number });

  it('returns a setup link, and the number is verified when its device uses the link', async () => {
    const number = '+14155550120';
    const response = await verify(number);
    expect(response.status, response.text).toBe(200);
    expect(response.body).toEqual({
      message: expect.stringContaining(number),
      setup_url: expect.stringMatching(/^https:\/\/homing\.example\/setup-shortcut\?token=dev_[\w-]+$/),
    });
    expect(await numberOf(number)).toMatchObject({ verified: false, status: 'active', device_name: null });
    expectError(await send(number), 400, 'invalid_request', 'from');

    const code = new URL(response.body.setup_url).searchParams.get('token');
    const redeemed = await clientFor(homing.url).post('/relay/v1/pair', { code });
    expect(redeemed.status, redeemed.text).toBe(200);
    expect(await numberOf(number)).toMatchObject({ verified: true });
    expect((await send(number)).status).toBe(202);
  });

  it('returns a new link for a number that the account already has', async () => {
    const number = '+14155550121';
    const first = await verify(number);
    const { id } = await numberOf(number);
    const second = await verify(number);
    expect(second.status).toBe(200);
    expect(second.body.setup_url).not.toBe(first.body.setup_url);
    expect((await numberOf(number)).id).toBe(id);
  });

  it("returns 409 for another account's number, which does not change", async () => {
    const number = '+14155550122';
    await pair(number);
    const before = await numberOf(number);
    expectError(await verify(number, other), 409, 'conflict', 'phone_number');
    expect(await numberOf(number)).toEqual(before);
    expect(await numberOf(number, other)).toBeUndefined();
  });

  it('registers a number for only one of two concurrent accounts', async () => {
    const number = '+14155550123';
    const responses = await Promise.all([verify(number), verify(number, other)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it.each([
    undefined,
    null,
    14155550100,
    true,
    [],
    {},
    '',
    'nobody',
    '14155550100',
    '+1 415 555 0100',
    '+1415555O100',
    '+123456',
    '+1415555010012345',
    '+0155550100',
    '+14155550100\n',
    '__proto__',
  ])('returns 400 for the phone_number %j', async (number) => {
    const before = (await client.get('/v1/numbers')).body;
    expectError(await verify(number), 400, 'invalid_request', 'phone_number');
    expect((await client.get('/v1/numbers')).body).toEqual(before);
  });
});

describe('PUT /v1/numbers/:id', () => {
  const number = '+14155550130';
  let id: string;
  let token: string;
  beforeAll(async () => {
    ({ id, token } = await pair(number));
  });
  const update = (change: unknown, of = id, by = client) => by.put(`/v1/numbers/${of}`, change);

  it('renames a number', async () => {
    const renamed = await update({ label: 'Front desk' });
    expect(renamed.status, renamed.text).toBe(200);
    expect(renamed.body).toEqual({
      id,
      phone_number: number,
      label: 'Front desk',
      status: 'active',
      verified: true,
    });
    expect(await numberOf(number)).toMatchObject({ label: 'Front desk' });
  });

  it.each(['x'.repeat(100), '😀'.repeat(100), 'Réception'])('accepts the label %j', async (label) => {
    expect((await update({ label })).body.label).toBe(label);
    expect((await numberOf(number)).label).toBe(label);
  });

  it('changes only the fields of the request', async () => {
    await update({ label: 'Desk', status: 'paused' });
    expect((await update({ label: 'Office' })).body).toMatchObject({ label: 'Office', status: 'paused' });
    expect((await update({ status: 'active' })).body).toMatchObject({ label: 'Office', status: 'active' });
    expect((await update({})).body).toMatchObject({ label: 'Office', status: 'active' });
    expect((await update({ nickname: 'x', verified: false, id: UNKNOWN })).body).toMatchObject({
      id,
      label: 'Office',
      verified: true,
    });
  });

  it.each([
    ['label', 'x'.repeat(101)],
    ['label', '😀'.repeat(101)],
    ['label', 'a\0b'],
    ['label', '\ud800'],
    ['label', 5],
    ['label', {}],
    ['status', 'off'],
    ['status', 'ACTIVE'],
    ['status', ''],
    ['status', 5],
    ['status', null],
    ['status', ['paused']],
    ['status', '__proto__'],
  ])('returns 400 for the %s %j', async (field, value) => {
    const before = await numberOf(number);
    expectError(await update({ [field]: value }), 400, 'invalid_request', field);
    expectError(
      await update({ label: 'ok', status: 'paused', [field]: value }),
      400,
      'invalid_request',
      field,
    );
    expect(await numberOf(number)).toEqual(before);
  });

  it('pauses sends but not inbound messages', async () => {
    await update({ status: 'paused' });
    const response = await send(number);
    expectError(response, 400, 'invalid_request', 'from');
    expect(response.body.error.message).toContain('is currently paused');

    const text = { guid: 'while-paused', from: '+14155550100', to: number, text: 'Are you there?' };
    expect((await poll(token, [{ type: 'inbound', seq: 1, items: [text] }])).status).toBe(200);
    const { messages } = (await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`))
      .body;
    expect(messages).toMatchObject([{ content: 'Are you there?', from: '+14155550100', status: 'received' }]);

    await update({ status: 'active' });
    expect((await send(number)).status).toBe(202);
  });

  it.each([UNKNOWN, UNKNOWN.toUpperCase(), UNKNOWN.replace('num_', 'msg_'), 'nonsense', '__proto__'])(
    'returns 404 for %s',
    async (unknown) => {
      expectError(await update({ label: 'x' }, unknown), 404, 'not_found');
    },
  );

  it("returns 404 for another account's number", async () => {
    expectError(await update({ label: 'mine now' }, id, other), 404, 'not_found');
  });
});

describe('DELETE /v1/numbers/:id', () => {
  const remove = (id: string, by = client) => by.delete(`/v1/numbers/${id}`);

  it('deletes the number, and its messages stay readable', async () => {
    const number = '+14155550140';
    const { id, token } = await pair(number);
    const text = { guid: 'before-delete', from: '+14155550100', to: number, text: 'Hello?' };
    await poll(token, [{ type: 'inbound', seq: 1, items: [text] }]);
    const sent = (await send(number)).body;

    const response = await remove(id);
    expect(response.status).toBe(204);
    expect(response.text).toBe('');
    expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);

    expect(await numberOf(number)).toBeUndefined();
    expectError(await remove(id), 404, 'not_found');
    expectError(await client.put(`/v1/numbers/${id}`, { label: 'x' }), 404, 'not_found');
    const rejected = await send(number);
    expectError(rejected, 400, 'invalid_request', 'from');
    expect(rejected.body.error.message).toContain('is not registered or verified for this team');

    expect((await client.get(`/v1/messages/${sent.id}`)).body).toMatchObject({ from: number, content: 'Hi' });
    const filtered = async (query: string) =>
      (await client.get(`/v1/messages?${query}=${encodeURIComponent(number)}`)).body.messages.length;
    expect([await filtered('from'), await filtered('to')]).toEqual([1, 1]);
  });

  it('cancels the queued messages of the number', async () => {
    const number = '+14155550141';
    const { id } = await pair(number);
    const sent = (await send(number)).body;
    await remove(id);
    expect((await client.get(`/v1/messages/${sent.id}`)).body.status).toBe('failed');
    const again = await pair(number);
    const { body } = await poll(again.token, [{ type: 'credit', n: 10 }]);
    expect(body.frames.map(({ type }: { type: string }) => type)).not.toContain('deliver');
  });

  it('rejects later inbound messages of its device', async () => {
    const number = '+14155550142';
    const { id, token } = await pair(number);
    await remove(id);
    const text = { guid: 'after-delete', from: '+14155550100', to: number, text: 'Too late' };
    await poll(token, [{ type: 'inbound', seq: 1, items: [text] }]);
    const { messages } = (await client.get('/v1/messages?direction=inbound')).body;
    expect(messages.map(({ content }: { content: string }) => content)).not.toContain('Too late');
  });

  it('makes the number available to another account, which cannot read its messages', async () => {
    const number = '+14155550143';
    const { id } = await pair(number);
    const sent = (await send(number)).body;
    await remove(id);
    expect((await other.post('/v1/numbers/verify', { phone_number: number })).status).toBe(200);
    expect(await numberOf(number, other)).toMatchObject({ verified: false, messages_today: 0 });
    expectError(await other.get(`/v1/messages/${sent.id}`), 404, 'not_found');
    expect((await other.get(`/v1/messages?from=${encodeURIComponent(number)}`)).body.messages).toEqual([]);
  });

  it.each([UNKNOWN, 'nonsense', '__proto__'])('returns 404 for %s', async (unknown) => {
    expectError(await remove(unknown), 404, 'not_found');
  });

  it("returns 404 for another account's number, which does not change", async () => {
    const number = '+14155550144';
    const { id } = await pair(number);
    expectError(await remove(id, other), 404, 'not_found');
    expect(await numberOf(number)).toMatchObject({ id });
  });

  it('responds to all concurrent sends and leaves no queued message', async () => {
    const number = '+14155550145';
    const { id } = await pair(number);
    const responses = await Promise.all([
      ...Array.from({ length: 10 }, () => send(number)),
      remove(id),
      ...Array.from({ length: 10 }, () => send(number)),
    ]);
    for (const { status } of responses) expect([202, 204, 400]).toContain(status);
    await until('no queued messages of the deleted number', async () => {
      const { messages } = (await client.get(`/v1/messages?status=queued&from=${encodeURIComponent(number)}`))
        .body;
      return messages.length === 0;
    });
  });
});
