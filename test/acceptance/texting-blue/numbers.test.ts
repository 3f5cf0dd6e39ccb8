/** The account's own numbers: list, verify, update, delete, and what that means for sends and texts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import {
  type Answer,
  type Client,
  clientFor,
  createAccount,
  createClient,
  expectError,
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

/** A device's one exchange with the broker. */
function poll(token: string, frames: unknown[]): Promise<Answer> {
  return clientFor(homing.url).post(
    '/relay/v1/poll',
    { frames: [{ type: 'hello', protocol: 1, credit: 0 }, ...frames] },
    { authorization: `Bearer ${token}` },
  );
}

const send = (from: string, by = client) =>
  by.post('/v1/messages/send', { to: '+14155550100', from, content: 'Hi' });

describe('the list', () => {
  it('shows every number with all of its fields', async () => {
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

  it('keeps last_seen_at across a restart', async () => {
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

  it('is empty for an account without numbers', async () => {
    await createAccount(homing, 'without');
    const without = await createClient(homing, { account: 'without', environment: 'live' });
    const answer = await without.get('/v1/numbers');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ numbers: [] });
  });
});

describe('verify', () => {
  const verify = (phone_number: unknown, by = client) => by.post('/v1/numbers/verify', { phone_number });

  it('gives a setup link, and the number counts once its device has used it', async () => {
    const number = '+14155550120';
    const answer = await verify(number);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toEqual({
      message: expect.stringContaining(number),
      setup_url: expect.stringMatching(/^https:\/\/homing\.example\/setup-shortcut\?token=dev_[\w-]+$/),
    });
    expect(await numberOf(number)).toMatchObject({ verified: false, status: 'active', device_name: null });
    expectError(await send(number), 400, 'invalid_request', 'from');

    const code = new URL(answer.body.setup_url).searchParams.get('token');
    const redeemed = await clientFor(homing.url).post('/relay/v1/pair', { code });
    expect(redeemed.status, redeemed.text).toBe(200);
    expect(await numberOf(number)).toMatchObject({ verified: true });
    expect((await send(number)).status).toBe(202);
  });

  it('gives a new link for a number that the account has already', async () => {
    const number = '+14155550121';
    const first = await verify(number);
    const { id } = await numberOf(number);
    const second = await verify(number);
    expect(second.status).toBe(200);
    expect(second.body.setup_url).not.toBe(first.body.setup_url);
    expect((await numberOf(number)).id).toBe(id);
  });

  it("is refused with 409 for another account's number, which stays where it is", async () => {
    const number = '+14155550122';
    await pair(number);
    const before = await numberOf(number);
    expectError(await verify(number, other), 409, 'conflict', 'phone_number');
    expect(await numberOf(number)).toEqual(before);
    expect(await numberOf(number, other)).toBeUndefined();
  });

  it('lets one of two racing accounts have a number', async () => {
    const number = '+14155550123';
    const answers = await Promise.all([verify(number), verify(number, other)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
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
  ])('refuses the phone_number %j', async (number) => {
    const before = (await client.get('/v1/numbers')).body;
    expectError(await verify(number), 400, 'invalid_request', 'phone_number');
    expect((await client.get('/v1/numbers')).body).toEqual(before);
  });
});

describe('update', () => {
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

  it.each(['x'.repeat(100), '😀'.repeat(100), 'Réception'])('takes the label %j', async (label) => {
    expect((await update({ label })).body.label).toBe(label);
    expect((await numberOf(number)).label).toBe(label);
  });

  it('changes what is given and leaves the rest', async () => {
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
  ])('refuses the %s %j', async (field, value) => {
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

  it('pauses sends, and texts still come in', async () => {
    await update({ status: 'paused' });
    const refused = await send(number);
    expectError(refused, 400, 'invalid_request', 'from');
    expect(refused.body.error.message).toContain('is currently paused');

    const text = { guid: 'while-paused', from: '+14155550100', to: number, text: 'Are you there?' };
    expect((await poll(token, [{ type: 'inbound', seq: 1, items: [text] }])).status).toBe(200);
    const { messages } = (await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`))
      .body;
    expect(messages).toMatchObject([{ content: 'Are you there?', from: '+14155550100', status: 'received' }]);

    await update({ status: 'active' });
    expect((await send(number)).status).toBe(202);
  });

  it.each([UNKNOWN, UNKNOWN.toUpperCase(), UNKNOWN.replace('num_', 'msg_'), 'nonsense', '__proto__'])(
    'does not find %s',
    async (unknown) => {
      expectError(await update({ label: 'x' }, unknown), 404, 'not_found');
    },
  );

  it("does not find another account's number", async () => {
    expectError(await update({ label: 'mine now' }, id, other), 404, 'not_found');
  });
});

describe('delete', () => {
  const remove = (id: string, by = client) => by.delete(`/v1/numbers/${id}`);

  it('takes the number away and leaves its messages readable', async () => {
    const number = '+14155550140';
    const { id, token } = await pair(number);
    const text = { guid: 'before-delete', from: '+14155550100', to: number, text: 'Hello?' };
    await poll(token, [{ type: 'inbound', seq: 1, items: [text] }]);
    const sent = (await send(number)).body;

    const answer = await remove(id);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expect(answer.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);

    expect(await numberOf(number)).toBeUndefined();
    expectError(await remove(id), 404, 'not_found');
    expectError(await client.put(`/v1/numbers/${id}`, { label: 'x' }), 404, 'not_found');
    const refused = await send(number);
    expectError(refused, 400, 'invalid_request', 'from');
    expect(refused.body.error.message).toContain('is not registered or verified for this team');

    expect((await client.get(`/v1/messages/${sent.id}`)).body).toMatchObject({ from: number, content: 'Hi' });
    const filtered = async (query: string) =>
      (await client.get(`/v1/messages?${query}=${encodeURIComponent(number)}`)).body.messages.length;
    expect([await filtered('from'), await filtered('to')]).toEqual([1, 1]);
  });

  it('sends nothing that still waited for its device', async () => {
    const number = '+14155550141';
    const { id } = await pair(number);
    const sent = (await send(number)).body;
    await remove(id);
    expect((await client.get(`/v1/messages/${sent.id}`)).body.status).toBe('failed');
    const again = await pair(number);
    const { body } = await poll(again.token, [{ type: 'credit', n: 10 }]);
    expect(body.frames.map(({ type }: { type: string }) => type)).not.toContain('deliver');
  });

  it("ends the device's say over the number", async () => {
    const number = '+14155550142';
    const { id, token } = await pair(number);
    await remove(id);
    const text = { guid: 'after-delete', from: '+14155550100', to: number, text: 'Too late' };
    await poll(token, [{ type: 'inbound', seq: 1, items: [text] }]);
    const { messages } = (await client.get('/v1/messages?direction=inbound')).body;
    expect(messages.map(({ content }: { content: string }) => content)).not.toContain('Too late');
  });

  it('frees the number for another account, which sees none of its messages', async () => {
    const number = '+14155550143';
    const { id } = await pair(number);
    const sent = (await send(number)).body;
    await remove(id);
    expect((await other.post('/v1/numbers/verify', { phone_number: number })).status).toBe(200);
    expect(await numberOf(number, other)).toMatchObject({ verified: false, messages_today: 0 });
    expectError(await other.get(`/v1/messages/${sent.id}`), 404, 'not_found');
    expect((await other.get(`/v1/messages?from=${encodeURIComponent(number)}`)).body.messages).toEqual([]);
  });

  it.each([UNKNOWN, 'nonsense', '__proto__'])('does not find %s', async (unknown) => {
    expectError(await remove(unknown), 404, 'not_found');
  });

  it("does not find another account's number, which stays", async () => {
    const number = '+14155550144';
    const { id } = await pair(number);
    expectError(await remove(id, other), 404, 'not_found');
    expect(await numberOf(number)).toMatchObject({ id });
  });

  it('of a number with messages under way answers all of them sooner or later', async () => {
    const number = '+14155550145';
    const { id } = await pair(number);
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => send(number)),
      remove(id),
      ...Array.from({ length: 10 }, () => send(number)),
    ]);
    for (const { status } of answers) expect([202, 204, 400]).toContain(status);
    await until('nothing to wait for the number that is gone', async () => {
      const { messages } = (await client.get(`/v1/messages?status=queued&from=${encodeURIComponent(number)}`))
        .body;
      return messages.length === 0;
    });
  });
});
