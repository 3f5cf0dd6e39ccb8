/** Tests the headers that the responses of every API have: Location and the rate limit; and what a 401 says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AllApis, startAllApis } from '../support/all-apis.ts';

const TO = '+15005550014';
const HOOK = { url: 'https://example.com/hook', events: ['message.sent'] };

let all: AllApis;
let key: string;
let number: string;
beforeAll(async () => {
  all = await startAllApis();
  await all.newAccount('acme');
  key = await all.newKey('acme', 'test');
  number = (await request('GET', '/api/v1/phone/numbers')).body[0].id;
});
afterAll(() => all?.stop());

async function request(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
  const response = await fetch(all.url + path, {
    method,
    headers: {
      ...(headers ?? { authorization: `Bearer ${key}`, 'x-api-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

describe('the Location header', () => {
  const location = async (path: string, body: unknown, status: number) => {
    const response = await request('POST', path, body);
    expect([response.status, response.text]).toEqual([status, expect.anything()]);
    const found = response.headers.get('location');
    expect(found, response.text).toMatch(/^\//);
    return { path: found as string, body: response.body };
  };

  it.each([
    ['/v1/messages/send', () => ({ to: TO, content: 'Hi' }), 202],
    ['/v1/webhooks', () => HOOK, 201],
    ['/v1/opt-outs', () => ({ recipient: '+14155550111' }), 201],
    ['/api/v1/messages', () => ({ phone_number: TO, body: 'Hi' }), 202],
    ['/api/v1/contacts', () => ({ phone_number: '+14155550112' }), 201],
    ['/acme/messages', () => ({ to: TO, body: 'Hi' }), 201],
    ['/acme/messages', () => ({ to: [TO, '+15005550010'], body: 'Hi' }), 202],
    ['/acme/contacts', () => ({ phone: '+14155550113' }), 201],
    [
      '/acme/integrations',
      () => ({ provider: 'webhook', config: { baseUrl: 'https://example.com/textus' } }),
      201,
    ],
  ] as const)('of POST %s with %o leads to the resource', async (path, body, status) => {
    const created = await location(path, body(), status);
    expect((await request('GET', created.path)).status).toBe(200);
  });

  it.each(['/api/v1/phone', ''])('of a text under the prefix "%s" leads to the text', async (prefix) => {
    const created = await location(`${prefix}/numbers/${number}/texts`, { to: TO, text: 'Hi' }, 201);
    expect(created.path).toBe(`${prefix}/numbers/${number}/texts/${created.body.id}`);
    expect((await request('GET', created.path)).body).toMatchObject({ id: created.body.id });
  });

  it('of a webhook of the Textree API names the webhook', async () => {
    const created = await location('/api/v1/webhooks', { ...HOOK, url: 'https://example.com/textree' }, 201);
    expect(created.path).toBe(`/api/v1/webhooks/${created.body.webhook.id}`);
  });

  it('of a test delivery leads to the deliveries of the webhook', async () => {
    const hook = await location('/v1/webhooks', { ...HOOK, url: 'https://example.com/test' }, 201);
    const tested = await location(`${hook.path}/test`, undefined, 202);
    expect(tested.path).toBe(`${hook.path}/deliveries`);
    const { body } = await request('GET', tested.path);
    expect(body.deliveries).toContainEqual(expect.objectContaining({ id: tested.body.id }));
  });
});

const READS = ['/v1/messages', '/api/v1/numbers', '/api/v1/phone/numbers', '/mcp/tools', '/acme/contacts'];

it.each(READS)('GET %s returns the rate limit, also with 401 and 404', async (path) => {
  for (const headers of [undefined, {}]) {
    for (const one of [path, `${path}/nothing/here`]) {
      const response = await request('GET', one, undefined, headers);
      const limit = Number(response.headers.get('x-ratelimit-limit'));
      const remaining = Number(response.headers.get('x-ratelimit-remaining'));
      const reset = Number(response.headers.get('x-ratelimit-reset'));
      expect(limit, one).toBeGreaterThan(0);
      expect(remaining, one).toBeLessThan(limit);
      expect([reset >= 1, reset <= 60], one).toEqual([true, true]);
    }
  }
});

describe('a 401 response', () => {
  const unknown = `tb_test_${'x'.repeat(32)}`;
  it.each([
    ['/v1/messages', 'x-api-key', 'x-api-key'],
    ['/api/v1/numbers', 'authorization', 'Authorization: Bearer or x-api-key'],
    ['/api/v1/phone/numbers', 'x-service-token', 'x-api-key or x-service-token or Authorization: Bearer'],
    ['/mcp/tools', 'x-api-key', 'Authorization: Bearer or x-api-key'],
    ['/acme/contacts', 'authorization', 'Authorization: Bearer or x-api-key'],
  ])(
    'of GET %s says whether the request contained a key, and in which header',
    async (path, header, places) => {
      const get = async (headers: Record<string, string>) => {
        const response = await request('GET', path, undefined, headers);
        expect(response.status).toBe(401);
        return response.text;
      };
      const prefix = header === 'authorization' ? 'Bearer ' : '';
      const name = header === 'authorization' ? 'Authorization: Bearer' : header;
      expect(await get({})).toContain(`The request contains no key. This API reads the header ${places}.`);
      const wellFormed = await get({ [header]: prefix + unknown });
      expect(wellFormed).toContain(`The key in the header ${name} is unknown or revoked.`);
      expect(wellFormed).not.toContain(unknown);
      expect(await get({ [header]: `${prefix}nonsense` })).toContain(
        `The key in the header ${name} does not have the format of an API key.`,
      );
    },
  );

  it('names the header that contains the key if the API does not read it', async () => {
    const response = await request('GET', '/v1/messages', undefined, { authorization: `Bearer ${key}` });
    expect([response.status, response.body.error.message]).toEqual([
      401,
      'Invalid or missing API key. The request contains a key in the header Authorization: Bearer. This API reads the header x-api-key.',
    ]);
  });
});
