/** Tests that misspelled fields are errors in every API, and that other unknown fields are named in a header. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AllApis, startAllApis } from '../support/all-apis.ts';
import { clientFor } from '../support/http-client.ts';

const TO = '+15005550014';

let all: AllApis;
let key: string;
let number: string;
beforeAll(async () => {
  all = await startAllApis();
  await all.newAccount('acme');
  key = await all.newKey('acme', 'test');
  const { body } = await all.call(key, 'GET', '/api/v1/phone/numbers');
  number = body[0].id;
});
afterAll(() => all?.stop());

const SENDS = [
  ['Texting Blue', () => '/v1/messages/send', { to: TO, content: 'Hi' }, 'sendAt', 'send_at', 400],
  ['Texting Blue', () => '/v1/messages/send', { to: TO, content: 'Hi' }, 'Priority', 'priority', 400],
  ['Texting Blue', () => '/v1/messages/send', { to: TO, content: 'Hi' }, 'media_ur', 'media_url', 400],
  ['Texting Blue', () => '/v1/messages/send', { to: TO, content: 'Hi' }, 'expries_at', 'expires_at', 400],
  [
    'Textree',
    () => '/api/v1/messages',
    { phone_number: TO, body: 'Hi' },
    'idempotencyKey',
    'idempotency_key',
    422,
  ],
  [
    'Inkbox',
    () => `/api/v1/phone/numbers/${number}/texts`,
    { to: TO, text: 'Hi' },
    'mediaUrls',
    'media_urls',
    422,
  ],
  ['TextUs', () => '/acme/messages', { to: TO, body: 'Hi' }, 'schedule', 'scheduled', 422],
] as const;

describe.each(SENDS)('the %s API', (_api, path, body, misspelled, meant, status) => {
  it(`rejects '${misspelled}' and suggests '${meant}'`, async () => {
    const response = await all.call(key, 'POST', path(), { ...body, [misspelled]: 'x' });
    expect([response.status, response.text]).toEqual([
      status,
      expect.stringContaining(`Did you mean '${meant}'?`),
    ]);
  });
});

describe('an unknown field', () => {
  const send = (more: object) =>
    clientFor(all.url, key).post('/v1/messages/send', { to: TO, content: 'Hi', ...more });

  it('is ignored, and named in the response', async () => {
    const response = await send({ campaign: 'spring', 'größe, x': 1 });
    expect(response.status).toBe(202);
    expect(response.headers.get('homing-ignored-fields')).toBe('campaign, gr%C3%B6%C3%9Fe%2C%20x');
    expect((await send({})).headers.get('homing-ignored-fields')).toBeNull();
  });

  it('is named in an error response too', async () => {
    const response = await send({ campaign: 'spring', to: 'nobody' });
    expect(response.status).toBe(400);
    expect(response.headers.get('homing-ignored-fields')).toBe('campaign');
  });

  it('is ignored beside the field that it resembles', async () => {
    const response = await send({ mediaurl: null, media_url: null, messageContent: 'x' });
    expect(response.status).toBe(202);
    expect(response.headers.get('homing-ignored-fields')).toBe('mediaurl, messageContent');
  });

  it('cannot make the header long', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`unknown${i}`.repeat(10), i]));
    const header = (await send(many)).headers.get('homing-ignored-fields') ?? '';
    expect(header.split(', ')).toHaveLength(20);
    expect(header.length).toBeLessThan(2_000);
  });
});
