/** Tests messages of the Textree API: sends, statuses, segments and idempotency. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ACCOUNT, findTenant } from '../../../broker/core/accounts/accounts.ts';
import { withStoreOf } from '../../support/broker-database.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor, createAccount, pairDevice } from '../../support/http-client.ts';
import { unlimitedPlansFile } from '../../support/plans.ts';
import {
  createToken,
  expectErrorResponse,
  normalizedBody,
  type TextreeClient,
  textreeClient,
} from '../../support/textree-client.ts';
import { until } from '../../support/until.ts';

const DELIVERED = '+15005550010';
const QUEUED = '+15005550023';

let homing: HomingProcess;
let client: TextreeClient;

beforeAll(async () => {
  homing = await startHoming({ HOMING_PLANS_FILE: unlimitedPlansFile() });
  client = textreeClient(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

const reaches = (id: string, status: string) =>
  until(`${id} to be ${status}`, async () => {
    const response = await client.get(`/messages/${id}`);
    return response.body.message.status === status && response;
  });
const contents = async (key = homing.testKey): Promise<string[]> =>
  (await clientFor(homing.url, key).get('/v1/messages?limit=100')).body.messages.map(
    ({ content }: { content: string }) => content,
  );

describe('a message', () => {
  it('is accepted with 202, its id and its status', async () => {
    const response = await client.post('/messages', { phone_number: DELIVERED, body: 'Hi' });
    expect(response.status).toBe(202);
    expect(normalizedBody(response)).toBe('{"message":{"id":"msg_ID","status":"queued"}}');
  });

  it('is returned with its status, recipient, segments, cost and time', async () => {
    const id = await client.send({ phone_number: DELIVERED });
    expect(normalizedBody(await reaches(id, 'delivered'))).toBe(
      `{"message":{"id":"msg_ID","status":"delivered","phone_number":"${DELIVERED}","segments":1,"cost_cents":0,"created_at":"TIME"}}`,
    );
  });

  it('is sent from the default number and visible in the Texting Blue API', async () => {
    const id = await client.send({ phone_number: QUEUED, body: 'one for both' });
    const { body } = await clientFor(homing.url, homing.testKey).get(`/v1/messages/${id}`);
    expect(body).toMatchObject({
      from: '+15005550006',
      to: QUEUED,
      content: 'one for both',
      status: 'queued',
    });
    const message = (await client.get(`/messages/${id}`)).body.message;
    expect(message).toMatchObject({ id, created_at: body.created_at });
  });

  it('that was dispatched to a device but not sent is queued', async () => {
    const id = await client.send({ phone_number: '+15005550013' });
    const plain = clientFor(homing.url, homing.testKey);
    await until(
      'the dispatch',
      async () => (await plain.get(`/v1/messages/${id}`)).body.status === 'polling',
    );
    expect((await client.get(`/messages/${id}`)).body.message.status).toBe('queued');
  });

  it.each([
    ['+15005550011', 'sent'],
    ['+15005550020', 'failed'],
    ['+15005550015', 'delivered'],
  ])('to %s reaches the status %s', async (to, status) => {
    await reaches(await client.send({ phone_number: to }), status);
  });

  it('that is inbound has the status received', async () => {
    await client.send({ phone_number: '+15005550014', body: 'come back' });
    const plain = clientFor(homing.url, homing.testKey);
    const echo = await until('the echo', async () =>
      (await plain.get('/v1/messages?direction=inbound')).body.messages.find(
        ({ content }: { content: string }) => content === 'echo: come back',
      ),
    );
    expect((await client.get(`/messages/${echo.id}`)).body.message).toMatchObject({
      status: 'received',
      phone_number: '+15005550014',
      cost_cents: 0,
    });
  });

  it.each([
    ['160 characters of GSM-7', 'a'.repeat(160), 1],
    ['161 characters of GSM-7', 'a'.repeat(161), 2],
    ['306 characters of GSM-7', 'a'.repeat(306), 2],
    ['307 characters of GSM-7', 'a'.repeat(307), 3],
    ['159 characters of GSM-7 and one that counts twice', `${'a'.repeat(159)}€`, 2],
    ['70 characters that need UCS-2', 'ж'.repeat(70), 1],
    ['71 characters that need UCS-2', 'ж'.repeat(71), 2],
    ['134 characters that need UCS-2', 'ж'.repeat(134), 2],
    ['135 characters that need UCS-2', 'ж'.repeat(135), 3],
    ['1600 characters', 'a'.repeat(1_600), 11],
  ])('of %s has the right number of segments', async (_case, body, segments) => {
    const id = await client.send({ phone_number: QUEUED, body });
    expect((await client.get(`/messages/${id}`)).body.message.segments).toBe(segments);
  });

  it.each(['msg_01m7ypkdxffkmb6tyeck3vccad', 'msg_x', 'num_01m7ypkdxffkmb6tyeck3vccad', '%00', "'"])(
    'with the unknown id %s returns 404',
    async (id) => {
      expectErrorResponse(await client.get(`/messages/${id}`), 404, 'not_found');
    },
  );
});

describe('metadata', () => {
  it.each([{ order: 4711, tags: ['a', null], nested: { is_vip: true, name: 'Ада 🙂' } }, {}])(
    '%j is stored unchanged',
    async (metadata) => {
      const id = await client.send({ phone_number: QUEUED, metadata });
      const message = await withStoreOf(homing, async ({ read }) => {
        const tenant = await findTenant(read, DEFAULT_ACCOUNT, 'test');
        return read.messages.find(tenant.id, id.replace('msg_', ''));
      });
      expect(message?.metadata).toEqual(metadata);
    },
  );
});

describe('a recipient in the sandbox', () => {
  it.each(['+15005550030', '+15005550009', '+15005550017', '+15005550024', '+14155550100', '+4915112345678'])(
    '%s returns 403 for a test token',
    async (to) => {
      const before = await contents();
      expectErrorResponse(
        await client.post('/messages', { phone_number: to, body: 'Hi' }),
        403,
        'recipient_not_verified',
        {
          retry: 'retry_after_verification',
          fix: /\+15005550010/,
        },
      );
      expect(await contents()).toEqual(before);
    },
  );

  it.each([10, 11, 12, 13, 14, 15, 16, 20, 21, 22, 23])('+150055500%i is accepted', async (last) => {
    const response = await client.post('/messages', { phone_number: `+150055500${last}`, body: 'listed' });
    expect(response.status, response.text).toBe(202);
  });
});

describe('a live token', () => {
  const number = '+14155550199';

  it('gets the next step if the account has no number that can send', async () => {
    await createAccount(homing, 'numberless');
    const live = await createToken(homing, { account: 'numberless', environment: 'live' });
    expectErrorResponse(
      await live.post('/messages', { phone_number: DELIVERED, body: 'Hi' }),
      422,
      'invalid_request',
      {
        message: /no number that can send/,
        fix: /homing pair/,
      },
    );
  });

  it('sends to any recipient from the oldest number that can send', async () => {
    await pairDevice(homing, number);
    await pairDevice(homing, '+14155550198');
    const live = textreeClient(homing.url, homing.liveKey);
    const id = await live.send({ phone_number: '+15005550030', body: 'live' });
    const plain = clientFor(homing.url, homing.liveKey);
    expect((await plain.get(`/v1/messages/${id}`)).body.from).toBe(number);

    const { numbers } = (await plain.get('/v1/numbers')).body;
    await plain.put(`/v1/numbers/${numbers[0].id}`, { status: 'paused' });
    const next = await live.send({ phone_number: '+14155550100' });
    expect((await plain.get(`/v1/messages/${next}`)).body.from).toBe('+14155550198');
  });
});

describe('an idempotency_key', () => {
  it('returns the first message and sends nothing, even if the body differs', async () => {
    const first = { phone_number: QUEUED, body: 'just once', idempotency_key: 'order 4711' };
    const id = await client.send(first);
    for (const again of [
      first,
      { ...first, body: 'something else' },
      { ...first, phone_number: DELIVERED },
    ]) {
      const response = await client.post('/messages', again);
      expect(response.status).toBe(202);
      expect(response.body).toEqual({ message: { id, status: 'queued' } });
    }
    expect((await contents()).filter((content) => /just once|something else/.test(content))).toHaveLength(1);
  });

  it('sends one message for 50 concurrent requests', async () => {
    const racing = await Promise.all(
      Array.from({ length: 50 }, () =>
        client.send({ phone_number: QUEUED, body: 'raced', idempotency_key: 'race-50-times' }),
      ),
    );
    expect(new Set(racing).size).toBe(1);
    expect((await contents()).filter((content) => content === 'raced')).toHaveLength(1);
  });

  it('is separate for each account and from the Idempotency-Key of the Texting Blue API', async () => {
    const key = 'shared-by-chance';
    const body = { phone_number: QUEUED, body: 'mine', idempotency_key: key };
    const id = await client.send(body);
    await createAccount(homing, 'neighbour');
    const neighbour = await createToken(homing, { account: 'neighbour' });
    expect(await neighbour.send(body)).not.toBe(id);
    const plain = clientFor(homing.url, homing.testKey);
    const other = await plain.post(
      '/v1/messages/send',
      { to: QUEUED, content: 'mine' },
      { 'idempotency-key': key },
    );
    expect(other.status).toBe(202);
    expect(other.body.id).not.toBe(id);
  });

  it.each(['12345678', 'x'.repeat(128), '        ', '~!@#$%^&'])('can be %j', async (key) => {
    const body = { phone_number: QUEUED, idempotency_key: key };
    expect(await client.send(body)).toBe(await client.send(body));
  });
});
