/** Tests tokens, scopes and plan limits of the Textree API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor, createAccount, openSlowRequest, revokeKey } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { ROOMY, writePlans } from '../../support/plans-file.ts';
import {
  createToken,
  expectErrorResponse,
  normalizedBody,
  type TextreeClient,
  textreeClient,
} from '../../support/textree-client.ts';
import { until } from '../../support/until.ts';

const UNKNOWN_ID = '01m7ypkdxffkmb6tyeck3vccad';
const HELLO = { phone_number: '+15005550010', body: 'Hello' };
const HOOK = { url: 'https://example.com/hook', events: ['message.sent'] };
const NUMBER = { area_code: '415', friendly_name: 'Support' };

const ENDPOINTS = [
  ['POST', '/messages', 'messages:write', HELLO],
  ['GET', `/messages/msg_${UNKNOWN_ID}`, 'messages:read', undefined],
  ['GET', '/numbers', 'numbers:read', undefined],
  ['POST', '/numbers', 'numbers:write', NUMBER],
  ['GET', '/contacts', 'messages:read', undefined],
  ['POST', '/contacts', 'messages:write', { phone_number: '+14155550100' }],
  ['GET', `/contacts/con_${UNKNOWN_ID}`, 'messages:read', undefined],
  ['PATCH', `/contacts/con_${UNKNOWN_ID}`, 'messages:write', { name: 'Ada' }],
  ['DELETE', `/contacts/con_${UNKNOWN_ID}`, 'messages:write', undefined],
  ['GET', '/webhooks', 'webhooks:manage', undefined],
  ['POST', '/webhooks', 'webhooks:manage', HOOK],
  ['PATCH', `/webhooks/wh_${UNKNOWN_ID}`, 'webhooks:manage', { active: true }],
  ['DELETE', `/webhooks/wh_${UNKNOWN_ID}`, 'webhooks:manage', undefined],
  ['GET', `/webhooks/wh_${UNKNOWN_ID}/deliveries`, 'webhooks:manage', undefined],
  ['POST', `/webhooks/wh_${UNKNOWN_ID}/replay`, 'webhooks:manage', { event_id: `evt_${UNKNOWN_ID}` }],
  ['GET', '/billing/usage', 'messages:read', undefined],
  ['GET', '/billing/spend-limit', 'messages:read', undefined],
  ['PUT', '/billing/spend-limit', 'numbers:write', { cents: 100_000 }],
] as const;
const SCOPES = ['messages:write', 'messages:read', 'numbers:read', 'numbers:write', 'webhooks:manage'];

let homing: RunningBroker;
let owner: TextreeClient;
const only = new Map<string, TextreeClient>();
const allBut = new Map<string, TextreeClient>();

beforeAll(async () => {
  const plans = {
    narrow: { ...ROOMY, api_requests_per_minute: 2 },
    small: { ...ROOMY, messages_per_month: 1 },
    slow: { ...ROOMY, messages_per_minute: 1 },
  };
  homing = await startInProcess({ HOMING_PLANS_FILE: writePlans(plans) });
  owner = textreeClient(homing.url, homing.testKey);
  for (const scope of SCOPES) {
    const others = SCOPES.filter((other) => other !== scope).join(',');
    only.set(scope, await createToken(homing, { permissions: scope }));
    allBut.set(scope, await createToken(homing, { permissions: others }));
  }
});
afterAll(() => homing?.dispose());

const requestWith = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
  clientFor(homing.url).request(method, `/api/v1${path}`, { headers, body });

describe('GET /health', () => {
  it('returns 200 without a token', async () => {
    const response = await requestWith('GET', '/health', {});
    expect(response.status).toBe(200);
    expect(normalizedBody(response)).toBe('{"status":"ok"}');
    expect((await requestWith('GET', '/health', { authorization: 'Bearer nonsense' })).status).toBe(200);
    expectErrorResponse(await requestWith('POST', '/health', {}, {}), 405, 'method_not_allowed');
  });
});

describe.each(ENDPOINTS)('%s %s', (method, path, scope, body) => {
  it('returns 401 for a missing or unknown token', async () => {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer nonsense',
      `Basic ${homing.testKey}`,
      homing.testKey,
      `Bearer ${homing.testKey.slice(0, -1)}`,
      `Bearer txt_${'a'.repeat(40)}`,
    ]) {
      const headers: Record<string, string> = authorization === '' ? {} : { authorization };
      const response = await requestWith(method, path, headers, body);
      expectErrorResponse(response, 401, 'unauthorized', { fix: /Authorization: Bearer/ });
    }
  });

  it(`needs only the scope ${scope}`, async () => {
    const response = await allBut.get(scope)!.request(method, path, body);
    expectErrorResponse(response, 403, 'insufficient_scope', {
      message: new RegExp(`'${scope}'`),
      fix: new RegExp(`--permissions ${scope}`),
    });
    expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
    for (const client of [only.get(scope)!, owner]) {
      const { status, text } = await client.request(method, path, body);
      expect([200, 201, 202, 404, 409, 503], text).toContain(status);
    }
  });
});

describe('a token', () => {
  it('can be a key with either prefix, as a bearer token or in x-api-key', async () => {
    const { token } = only.get('numbers:read')!;
    const ways: Array<Record<string, string>> = [
      { authorization: `Bearer ${homing.testKey}` },
      { authorization: `bearer  ${homing.testKey}` },
      { 'x-api-key': homing.testKey },
      { authorization: `Bearer ${token}` },
      { 'x-api-key': token },
    ];
    for (const headers of ways) expect((await requestWith('GET', '/numbers', headers)).status).toBe(200);
    expect(token).toMatch(/^txt_[a-z0-9]{40}$/);
  });

  it('is also an API key of the Texting Blue API', async () => {
    const { token } = only.get('messages:write')!;
    const sent = await clientFor(homing.url, token).post('/v1/messages/send', {
      to: '+15005550010',
      content: 'by a token',
    });
    expect(sent.status).toBe(202);
  });

  it('is checked before the body', async () => {
    const anonymous = textreeClient(homing.url, 'nonsense');
    expectErrorResponse(await anonymous.post('/messages', '{'), 401, 'unauthorized');
    expectErrorResponse(
      await allBut.get('messages:write')!.post('/messages', '{'),
      403,
      'insufficient_scope',
    );
  });

  it('that is revoked has no effect in requests that started before the revocation', async () => {
    const client = await createToken(homing);
    const headers = { authorization: `Bearer ${client.token}` };
    const sends = async () =>
      (await clientFor(homing.url, homing.testKey).get('/v1/messages')).body.messages.length;
    const before = { sends: await sends(), contacts: (await owner.get('/contacts')).body };
    const repeated = { ...HELLO, idempotency_key: 'repeat-under-way' };
    const first = await owner.send(repeated);
    const started = await Promise.all(
      [
        { method: 'POST', path: '/messages', body: HELLO },
        { method: 'POST', path: '/messages', body: repeated },
        { method: 'POST', path: '/messages', body: { phone_number: 'nobody' } },
        { method: 'POST', path: '/messages', body: { ...HELLO, phone_number: '+15005550030' } },
        { method: 'POST', path: '/contacts', body: { phone_number: '+14155550177' } },
        { method: 'POST', path: '/webhooks', body: { ...HOOK, url: 'https://example.com/late' } },
        { method: 'PUT', path: '/billing/spend-limit', body: { cents: 1 } },
      ].map(({ method, path, body }) =>
        openSlowRequest(homing.url, { method, path: `/api/v1${path}`, key: client.token, body, headers }),
      ),
    );
    await revokeKey(homing, client.keyId);
    for (const slow of started) expectErrorResponse(await slow.finish(), 401, 'unauthorized');
    expect(await sends()).toBe(before.sends + 1);
    expect(first).toMatch(/^msg_/);
    expect((await owner.get('/contacts')).body).toEqual(before.contacts);
    expect((await owner.get('/billing/spend-limit')).body).toEqual({ cents: 100_000 });
    expectErrorResponse(await client.get('/numbers'), 401, 'unauthorized');
  });
});

describe('the limit of a plan', () => {
  it('on requests per minute returns 429 with Retry-After and retry_after_seconds', async () => {
    await createAccount(homing, 'narrow', 'narrow');
    const client = await createToken(homing, { account: 'narrow' });
    await until('a minute with time left', () => Date.now() % 60_000 < 55_000);
    for (const left of ['1', '0']) {
      const response = await client.get('/numbers');
      expect(response.status).toBe(200);
      expect(response.headers.get('x-ratelimit-remaining')).toBe(left);
    }
    const limited = await client.get('/numbers');
    expectErrorResponse(limited, 429, 'rate_limited', { retry: 'retry_later' });
    expect(limited.body.error.retry_after_seconds).toBeGreaterThanOrEqual(1);
    expect(limited.body.error.retry_after_seconds).toBeLessThanOrEqual(60);
  });

  it('on messages per minute returns 429, but not for a repeated idempotency key', async () => {
    await createAccount(homing, 'slow', 'slow');
    const client = await createToken(homing, { account: 'slow' });
    await until('a minute with time left', () => Date.now() % 60_000 < 55_000);
    const first = { ...HELLO, idempotency_key: 'first of them' };
    const id = await client.send(first);
    expectErrorResponse(await client.post('/messages', HELLO), 429, 'rate_limited', { retry: 'retry_later' });
    // A repeated key sends no second message.
    expect(await client.send(first)).toBe(id);
  });

  it('on messages per month returns 402', async () => {
    await createAccount(homing, 'small', 'small');
    const client = await createToken(homing, { account: 'small' });
    await client.send(HELLO);
    expectErrorResponse(await client.post('/messages', HELLO), 402, 'plan_limit_exceeded', {
      fix: /larger plan/,
    });
  });
});
