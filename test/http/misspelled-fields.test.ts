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

describe('a misspelled field inside of an object', () => {
  const update = async (body: object) => {
    const { numbers } = (await all.call(key, 'GET', '/v1/numbers')).body;
    return clientFor(all.url, key).put(`/v1/numbers/${numbers[0].id}`, body);
  };

  it.each([
    [{ pace: { quietHours: null } }, 'pace.quietHours', 'pace.quiet_hours'],
    [{ pace: { quiet_hours: { from: '22:00', to: '08:00', From: '21:00' } } }, undefined, undefined],
    [
      { pace: { quiet_hours: { form: '22:00', to: '08:00' } } },
      'pace.quiet_hours.form',
      'pace.quiet_hours.from',
    ],
    [
      { pace: { weekly_windows: [{ days: ['mon'], from: '09:00', to: '17:00' }, { Days: ['tue'] }] } },
      'pace.weekly_windows.1.Days',
      'pace.weekly_windows.1.days',
    ],
  ])('%j is rejected, unless the right field is there too', async (body, misspelled, meant) => {
    const response = await update(body);
    if (misspelled === undefined) {
      expect([response.status, response.headers.get('homing-ignored-fields')]).toEqual([
        200,
        'pace.quiet_hours.From',
      ]);
      return;
    }
    expect([response.status, response.body.error]).toEqual([
      400,
      {
        code: 'invalid_request',
        message: `'${misspelled}' is not a field of this request. Did you mean '${meant}'?`,
        param: misspelled,
      },
    ]);
  });

  it('is rejected by the TextUs API too', async () => {
    const response = await all.call(key, 'POST', '/acme/integrations', {
      provider: 'webhook',
      config: { baseUrl: 'https://example.com/textus' },
      settings: { Actions: {} },
    });
    expect([response.status, response.body.violations[0].propertyPath]).toEqual([422, 'settings.Actions']);
  });

  it('may have any name in metadata', async () => {
    const body = {
      to: TO,
      content: 'Hi',
      metadata: { sendAt: 1, to: 'x', nested: { From: [{ Content: 1 }] } },
    };
    const response = await clientFor(all.url, key).post('/v1/messages/send', body);
    expect(response.status, response.text).toBe(202);
    expect(response.body.metadata).toEqual(body.metadata);
    expect(response.headers.get('homing-ignored-fields')).toBeNull();
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
