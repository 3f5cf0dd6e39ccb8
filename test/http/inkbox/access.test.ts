/** Tests authentication, permissions, limits and both path prefixes of the Inkbox API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor, createAccount, createClient, pairDevice, revokeKey } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, type Inbox, normalised, PREFIX, sandboxInbox } from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const UNKNOWN = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';

let homing: RunningBroker;
let inbox: Inbox;
let key: string;

beforeAll(async () => {
  homing = await startInProcess();
  inbox = await sandboxInbox(homing);
  key = inbox.client.key!;
});
afterAll(() => homing?.dispose());

describe('an API key', () => {
  const headers = (name: string, value: string) =>
    clientFor(homing.url).request('GET', `${PREFIX}/numbers`, { headers: { [name]: value } });

  it('is accepted in each of three headers', async () => {
    for (const [name, value] of [
      ['x-api-key', key],
      ['x-service-token', key],
      ['authorization', `Bearer ${key}`],
      ['authorization', `bearer ${key}`],
    ] as const) {
      const response = await headers(name, value);
      expect(response.status, name).toBe(200);
      expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
    }
  });

  it('that is missing, wrong or revoked gets a 401 response', async () => {
    const revoked = await createClient(homing);
    await revokeKey(homing, revoked.keyId);
    for (const [name, value] of [
      ['x-api-key', ''],
      ['x-api-key', 'tb_test_nobody'],
      ['x-service-token', key.slice(0, -1)],
      ['authorization', key],
      ['authorization', `Basic ${key}`],
      ['x-api-key', revoked.key],
      ['accept', '*/*'],
    ] as const) {
      const response = await headers(name, value);
      expectDetail(response, 401);
      expect(response.body.detail).toMatch(/^Invalid or missing API key\. The (key|request) /);
    }
  });

  it('that is revoked gets a 401 response from every operation', async () => {
    const client = await createClient(homing);
    await revokeKey(homing, client.keyId);
    for (const [method, path, body] of [
      ['GET', '/numbers'],
      ['POST', `/numbers/${inbox.id}/texts`, { to: '+15005550010', text: 'Hi' }],
      ['PATCH', `/numbers/${inbox.id}/texts/${UNKNOWN}`, { is_read: true }],
      ['PATCH', `/numbers/${inbox.id}/texts/conversations/76934`, { is_read: true }],
    ] as const) {
      expectDetail(await client.request(method, PREFIX + path, { body }), 401);
    }
  });

  it('needs messages:read to read texts, messages:send to send, and both to update texts', async () => {
    const both = await createClient(homing, { permissions: 'messages:read,messages:send' });
    const reader = await createClient(homing, { permissions: 'messages:read' });
    const sender = await createClient(homing, { permissions: 'messages:send' });
    const sent = await inbox.send({ to: '+15005550010', text: 'Hi' });
    const texts = `${PREFIX}/numbers/${inbox.id}/texts`;
    const calls = [
      ['GET', `${PREFIX}/numbers`, 200],
      ['GET', texts, 200],
      ['GET', `${texts}/${sent.id}`, 200],
      ['PATCH', `${texts}/${sent.id}`, 200, { is_read: true }],
      ['GET', `${texts}/search?q=Hi`, 200],
      ['GET', `${texts}/conversations`, 200],
      ['GET', `${texts}/conversations/+15005550010`, 200],
      ['PATCH', `${texts}/conversations/+15005550010`, 200, { is_read: true }],
      ['POST', texts, 201, { to: '+15005550010', text: 'Hi' }],
    ] as const;
    for (const [method, path, status, body] of calls) {
      const allowed = { GET: [reader, both], PATCH: [both], POST: [sender, both] }[method];
      for (const client of [reader, sender, both]) {
        const response = await client.request(method, path, { body });
        if (allowed.includes(client)) {
          expect(response.status, `${method} ${path}`).toBe(status);
          continue;
        }
        expectDetail(response, 403);
        expect(response.body.detail).toMatch(
          /^Your API key does not have the 'messages:(read|send)' permission\.$/,
        );
      }
    }
  });

  it('over the requests per minute of its plan gets a 429 response with Retry-After', async () => {
    await createAccount(homing, 'small', 'free');
    const client = await createClient(homing, { account: 'small' });
    for (let left = 60; left > 0; left -= 1) await client.get(`${PREFIX}/numbers`);
    const limited = await client.get(`${PREFIX}/numbers`);
    expectDetail(limited, 429);
    expect(limited.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});

describe('GET /numbers', () => {
  it('returns the default number of a new sandbox', async () => {
    await createAccount(homing, 'fresh');
    const client = await createClient(homing, { account: 'fresh' });
    const [one, two] = await Promise.all([client.get(`${PREFIX}/numbers`), client.get('/numbers')]);
    expect(one.body).toEqual(two.body);
    expect(normalised(one.body)).toMatchInlineSnapshot(`
      "[
       {
        "id": "UUID",
        "number": "+15005550006",
        "type": "local",
        "status": "active",
        "created_at": "TIME"
       }
      ]"
    `);
  });

  it('returns the numbers of a live account with their statuses', async () => {
    await createAccount(homing, 'live');
    const client = await createClient(homing, { account: 'live', environment: 'live' });
    expect((await client.get(`${PREFIX}/numbers`)).body).toEqual([]);
    await pairDevice(homing, '+14155550601', { account: 'live' });
    await pairDevice(homing, '+14155550602', { account: 'live' });
    await client.post('/v1/numbers/verify', { phone_number: '+14155550603' });
    const known = (await client.get('/v1/numbers')).body.numbers;
    await client.put(`/v1/numbers/${known[1].id}`, { status: 'paused' });
    const numbers = (await client.get(`${PREFIX}/numbers`)).body;
    expect(numbers.map(({ number, status }: Record<string, string>) => [number, status])).toEqual([
      ['+14155550601', 'active'],
      ['+14155550602', 'paused'],
      ['+14155550603', 'pending'],
    ]);
  });
});

describe('an operation', () => {
  it('returns the same response under both prefixes', async () => {
    const sent = await inbox.send({ to: '+15005550011', text: 'twice' });
    const isSent = async () => {
      const { body } = await inbox.client.get(`${PREFIX}/numbers/${inbox.id}/texts/${sent.id}`);
      return body.delivery_status === 'sent';
    };
    // The text changes no more: the sandbox never delivers it.
    await until('sent', isSent);
    for (const path of [
      '/numbers',
      `/numbers/${inbox.id}/texts/${sent.id}`,
      `/numbers/${inbox.id}/texts/search?q=twice`,
      `/numbers/${inbox.id}/texts/conversations/+15005550011`,
    ]) {
      const prefixed = await inbox.client.get(PREFIX + path);
      const bare = await inbox.client.get(path);
      expect([prefixed.status, bare.status]).toEqual([200, 200]);
      expect(normalised(bare.body)).toBe(normalised(prefixed.body));
    }
    const path = `/numbers/${inbox.id}/texts`;
    expect((await inbox.client.post(path, { to: '+15005550010', text: 'bare' })).status).toBe(201);
    const patched = await inbox.client.request('PATCH', `${path}/${sent.id}`, {
      body: { status: 'deleted' },
    });
    expect(patched.status).toBe(200);
    expectDetail(await inbox.client.get(`${PREFIX}${path}/${sent.id}`), 404);
  });

  it('that does not exist returns 404 or 405 in the format of this API', async () => {
    for (const prefix of [PREFIX, '']) {
      const texts = `${prefix}/numbers/${inbox.id}/texts`;
      expectDetail(await inbox.client.get(`${prefix}/numbers/${inbox.id}`), 404);
      expectDetail(await inbox.client.get(`${texts}/conversations/76934/more`), 404);
      for (const [method, path, allow] of [
        ['POST', `${prefix}/numbers`, 'GET, HEAD'],
        ['DELETE', texts, 'GET, HEAD, POST'],
        ['PATCH', `${texts}/search`, 'GET, HEAD'],
        ['POST', `${texts}/conversations`, 'GET, HEAD'],
        ['DELETE', `${texts}/conversations/76934`, 'GET, HEAD, PATCH'],
        ['PUT', `${texts}/${UNKNOWN}`, 'GET, HEAD, PATCH'],
      ] as const) {
        const response = await inbox.client.request(method, path);
        expectDetail(response, 405);
        expect(response.headers.get('allow'), path).toBe(allow);
      }
    }
  });

  it('with an invalid path returns 422 in the format of this API', async () => {
    for (const prefix of [PREFIX, '']) {
      const response = await inbox.client.get(`${prefix}/numbers/%ZZ/texts`);
      expectDetail(response, 422);
      expect(response.body.detail).toEqual([
        { loc: ['path'], msg: 'The path is not valid.', type: 'value_error' },
      ]);
    }
  });
});
