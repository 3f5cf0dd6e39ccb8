/** Tests API keys of the Texting Blue API: authentication, permissions and revocation. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import {
  type Client,
  clientFor,
  createClient,
  exchange,
  expectError,
  type HttpResponse,
  openSlowRequest,
  requestHead,
  revokeKey,
} from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const UNKNOWN_MESSAGE = 'msg_01m7ypkdxffkmb6tyeck3vccad';
const UNKNOWN_NUMBER = 'num_01m7ypkdxffkmb6tyeck3vccad';
const HELLO = { to: '+15005550010', content: 'Hello' };

const ENDPOINTS = [
  ['POST', '/v1/messages/send', 'messages:send', HELLO],
  ['POST', `/v1/messages/${UNKNOWN_MESSAGE}/cancel`, 'messages:send', undefined],
  ['GET', '/v1/messages', 'messages:read', undefined],
  ['GET', `/v1/messages/${UNKNOWN_MESSAGE}`, 'messages:read', undefined],
  ['GET', '/v1/numbers', 'numbers:read', undefined],
  ['POST', '/v1/numbers/verify', 'numbers:write', { phone_number: '+14155550123' }],
  ['PUT', `/v1/numbers/${UNKNOWN_NUMBER}`, 'numbers:write', { label: 'x' }],
  ['DELETE', `/v1/numbers/${UNKNOWN_NUMBER}`, 'numbers:write', undefined],
] as const;
const PERMISSIONS = [
  'messages:send',
  'messages:read',
  'webhooks:manage',
  'numbers:read',
  'numbers:write',
] as const;

let homing: RunningBroker;
let owner: Client;

beforeAll(async () => {
  homing = await startInProcess();
  owner = clientFor(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

const idsOf = async (client: Client): Promise<string[]> =>
  (await client.get('/v1/messages?limit=100')).body.messages.map(({ id }: { id: string }) => id);

function expectUnauthorized(response: HttpResponse): void {
  expectError(response, 401, 'unauthorized');
  expect(response.body.error.message).toMatch(/^Invalid or missing API key\.( |$)/);
}

describe('an API key', () => {
  it('consists of tb_live_ or tb_test_ and 32 lower-case letters or digits', () => {
    expect(homing.liveKey).toMatch(/^tb_live_[a-z0-9]{32}$/);
    expect(homing.testKey).toMatch(/^tb_test_[a-z0-9]{32}$/);
  });

  it('is stored as a hash only: neither the data folder nor the log contains it', async () => {
    const client = await createClient(homing);
    expect((await client.get('/v1/messages')).status).toBe(200);
    for (const file of readdirSync(homing.dataDir)) {
      const bytes = readFileSync(join(homing.dataDir, file));
      for (const key of [homing.liveKey, homing.testKey, client.key]) {
        expect(bytes.includes(key), file).toBe(false);
        expect(bytes.includes(key.slice(8)), file).toBe(false);
      }
    }
    expect(homing.log()).not.toContain(client.key);
  });

  describe.each(ENDPOINTS)('of %s %s', (method, path, _permission, body) => {
    it('gets a 401 response if it is missing, malformed or unknown', async () => {
      const request = (headers: Record<string, string>) =>
        clientFor(homing.url).request(method, path, { headers, body });
      for (const headers of [
        {},
        { 'x-api-key': '' },
        { 'x-api-key': 'nonsense' },
        { 'x-api-key': homing.testKey.slice(0, -1) },
        { 'x-api-key': `${homing.testKey}a` },
        { 'x-api-key': homing.testKey.toUpperCase() },
        { 'x-api-key': homing.testKey.replace('tb_test_', 'tb_live_') },
        { 'x-api-key': `tb_test_${'0'.repeat(32)}` },
        { 'x-api-key': '__proto__' },
        { authorization: `Bearer ${homing.testKey}` },
      ]) {
        expectUnauthorized(await request(headers as Record<string, string>));
      }
    });
  });

  it('gets a 401 response if the request contains it twice', async () => {
    const head = requestHead('GET', '/v1/messages', {
      'x-api-key': homing.testKey,
      'X-API-Key': homing.testKey,
    });
    expect(head.match(/x-api-key/gi)).toHaveLength(2);
    expectUnauthorized(await exchange(homing.url, head));
  });

  it('is checked before the body', async () => {
    const anonymous = clientFor(homing.url);
    expectUnauthorized(await anonymous.post('/v1/messages/send', '{'));
    expectUnauthorized(await anonymous.post('/v1/messages/send', 'x'.repeat(1_000_000)));
  });
});

describe('a permission', () => {
  const only = new Map<string, Client>();
  const allBut = new Map<string, Client>();

  beforeAll(async () => {
    for (const permission of new Set(ENDPOINTS.map((endpoint) => endpoint[2]))) {
      const others = PERMISSIONS.filter((other) => other !== permission).join(',');
      const [one, rest] = await Promise.all([
        createClient(homing, { permissions: permission }),
        createClient(homing, { permissions: others }),
      ]);
      only.set(permission, one);
      allBut.set(permission, rest);
    }
  });

  it.each(ENDPOINTS)('of %s %s is required: %s', async (method, path, permission, body) => {
    const forbidden = await allBut.get(permission)!.request(method, path, { body });
    expectError(forbidden, 403, 'forbidden');
    expect(forbidden.body.error.message).toBe(`Your API key does not have the '${permission}' permission.`);
    expect(forbidden.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);

    for (const allowed of [only.get(permission)!, owner]) {
      expect([200, 202, 404]).toContain((await allowed.request(method, path, { body })).status);
    }
  });

  it('is checked before the body', async () => {
    const reader = allBut.get('messages:send')!;
    const before = await idsOf(owner);
    for (const body of ['{', '[]', 'x'.repeat(1_000_000)]) {
      expectError(await reader.post('/v1/messages/send', body), 403, 'forbidden');
    }
    expectError(await reader.post('/v1/messages/send', HELLO), 403, 'forbidden');
    expect(await idsOf(owner)).toEqual(before);
  });
});

describe('a revoked key', () => {
  it('gets a 401 response from every operation, and other keys of its account stay valid', async () => {
    const client = await createClient(homing);
    expect((await client.get('/v1/messages')).status).toBe(200);
    await revokeKey(homing, client.keyId);
    for (const [method, path, , body] of ENDPOINTS) {
      expectUnauthorized(await client.request(method, path, { body }));
    }
    expect((await owner.get('/v1/messages')).status).toBe(200);
  });

  it('has no effect in requests that started before the revocation', async () => {
    const client = await createClient(homing);
    const headers = { 'idempotency-key': 'repeat-under-way' };
    const repeated = { ...HELLO, content: 'sent once already' };
    expect((await client.post('/v1/messages/send', repeated, headers)).status).toBe(202);
    await client.post('/v1/numbers/verify', { phone_number: '+14155550177' });
    const numbers = async () => (await owner.get('/v1/numbers')).body.numbers;
    const before = { messages: await idsOf(owner), numbers: await numbers() };
    const { id } = before.numbers.find(
      ({ phone_number }: { phone_number: string }) => phone_number === '+14155550177',
    );

    const started = await Promise.all(
      [
        { method: 'POST', path: '/v1/messages/send', body: HELLO },
        { method: 'POST', path: '/v1/messages/send', body: repeated, headers },
        { method: 'POST', path: '/v1/numbers/verify', body: { phone_number: '+14155550178' } },
        { method: 'PUT', path: `/v1/numbers/${id}`, body: { label: 'changed', status: 'paused' } },
      ].map((request) => openSlowRequest(homing.url, { ...request, key: client.key })),
    );
    await revokeKey(homing, client.keyId);
    for (const slow of started) expectUnauthorized(await slow.finish());
    expect({ messages: await idsOf(owner), numbers: await numbers() }).toEqual(before);
  });

  it('gets a 401 response even if its request is invalid', async () => {
    const client = await createClient(homing);
    const slow = await openSlowRequest(homing.url, {
      method: 'POST',
      path: '/v1/messages/send',
      key: client.key,
      body: { ...HELLO, to: 'nobody' },
    });
    await revokeKey(homing, client.keyId);
    expectUnauthorized(await slow.finish());
  });
});
