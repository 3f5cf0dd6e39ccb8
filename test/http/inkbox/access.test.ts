/** Who may call what of the Inkbox API, and where it is mounted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor, createAccount, createClient, pairDevice, revokeKey } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, type Inbox, normalised, PREFIX, sandboxInbox } from '../../support/inbox.ts';

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

describe('a key', () => {
  const headers = (name: string, value: string) =>
    clientFor(homing.url).request('GET', `${PREFIX}/numbers`, { headers: { [name]: value } });

  it('is taken in any of three headers', async () => {
    for (const [name, value] of [
      ['x-api-key', key],
      ['x-service-token', key],
      ['authorization', `Bearer ${key}`],
      ['authorization', `bearer ${key}`],
    ] as const) {
      const answer = await headers(name, value);
      expect(answer.status, name).toBe(200);
      expect(answer.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
    }
  });

  it('that is missing, wrong or revoked is refused', async () => {
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
      const answer = await headers(name, value);
      expectDetail(answer, 401);
      expect(answer.body.detail).toBe('Invalid or missing API key.');
    }
  });

  it('that is revoked changes nothing any more', async () => {
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

  it('reads and marks with messages:read, and sends with messages:send', async () => {
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
      const [may, mayNot] = method === 'POST' ? [sender, reader] : [reader, sender];
      expect((await may.request(method, path, { body })).status, `${method} ${path}`).toBe(status);
      const refused = await mayNot.request(method, path, { body });
      expectDetail(refused, 403);
      expect(refused.body.detail).toMatch(
        /^Your API key does not have the 'messages:(read|send)' permission\.$/,
      );
    }
  });

  it('has a number of requests a minute', async () => {
    await createAccount(homing, 'small', 'free');
    const client = await createClient(homing, { account: 'small' });
    for (let left = 60; left > 0; left -= 1) await client.get(`${PREFIX}/numbers`);
    const refused = await client.get(`${PREFIX}/numbers`);
    expectDetail(refused, 429);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});

describe('the numbers', () => {
  it('of a new sandbox are the one that it sends from', async () => {
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

  it('of a live account are its own, whatever they are at', async () => {
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

describe('each operation', () => {
  it('answers the same under both prefixes', async () => {
    const sent = await inbox.send({ to: '+15005550011', text: 'twice' });
    for (const path of [
      '/numbers',
      `/numbers/${inbox.id}/texts/${sent.id}`,
      `/numbers/${inbox.id}/texts/search?q=twice`,
      `/numbers/${inbox.id}/texts/conversations/+15005550011`,
    ]) {
      const long = await inbox.client.get(PREFIX + path);
      const bare = await inbox.client.get(path);
      expect([long.status, bare.status]).toEqual([200, 200]);
      expect(normalised(bare.body)).toBe(normalised(long.body));
    }
    const path = `/numbers/${inbox.id}/texts`;
    expect((await inbox.client.post(path, { to: '+15005550010', text: 'bare' })).status).toBe(201);
    const patched = await inbox.client.request('PATCH', `${path}/${sent.id}`, {
      body: { status: 'deleted' },
    });
    expect(patched.status).toBe(200);
    expectDetail(await inbox.client.get(`${PREFIX}${path}/${sent.id}`), 404);
  });

  it('that is not there is a 404 or 405 of this API', async () => {
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
        const answer = await inbox.client.request(method, path);
        expectDetail(answer, 405);
        expect(answer.headers.get('allow'), path).toBe(allow);
      }
    }
  });

  it('whose path is not valid is refused in this shape', async () => {
    for (const prefix of [PREFIX, '']) {
      const answer = await inbox.client.get(`${prefix}/numbers/%ZZ/texts`);
      expectDetail(answer, 422);
      expect(answer.body.detail).toEqual([
        { loc: ['path'], msg: 'The path is not valid.', type: 'value_error' },
      ]);
    }
  });
});
