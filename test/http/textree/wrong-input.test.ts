/** Tests invalid input of the Textree API, except messages. Nothing of it is stored. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectErrorResponse, type TextreeClient, textreeClient } from '../../support/textree-client.ts';

let homing: RunningBroker;
let client: TextreeClient;
let contact: string;
let webhook: string;

beforeAll(async () => {
  homing = await startInProcess();
  client = textreeClient(homing.url, homing.testKey);
  contact = (await client.post('/contacts', { phone_number: '+14155550100' })).body.contact.id;
  const hook = { url: 'https://example.com/hook', events: ['message.sent'] };
  webhook = (await client.post('/webhooks', hook)).body.webhook.id;
});
afterAll(async () => {
  // Client errors are not logged as errors.
  expect(homing.log()).not.toMatch(/"level":"(error|fatal)"/);
  await homing?.dispose();
});

const CONTACT = { phone_number: '+14155550111' };
const HOOK = { url: 'https://example.com/other', events: ['message.sent'] };

describe('a request with an invalid field', () => {
  it.each<[string, string, () => string, unknown, RegExp]>([
    ['a contact without a number', 'POST', () => '/contacts', { name: 'Ada' }, /'phone_number' is required/],
    ['an e-mail address as the number', 'POST', () => '/contacts', { phone_number: 'a@b.co' }, /E\.164/],
    [
      'a name that is not a string',
      'POST',
      () => '/contacts',
      { ...CONTACT, name: 5 },
      /'name' must be a string/,
    ],
    [
      'a name of 201 characters',
      'POST',
      () => '/contacts',
      { ...CONTACT, name: 'a'.repeat(201) },
      /at most 200/,
    ],
    ['a NUL character in a name', 'POST', () => '/contacts', { ...CONTACT, name: 'a\0' }, /cannot be stored/],
    ['an invalid e-mail address', 'POST', () => '/contacts', { ...CONTACT, email: 'a@' }, /e-mail address/],
    ['a list of custom fields', 'POST', () => '/contacts', { ...CONTACT, custom_fields: [] }, /JSON object/],
    ['null as custom fields', 'POST', () => '/contacts', { ...CONTACT, custom_fields: null }, /JSON object/],
    [
      'a custom field with a dash in its name',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { 'a-b': 1 } },
      /letters, digits or underscores/,
    ],
    [
      'a custom field with an empty name',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { '': 1 } },
      /letters, digits/,
    ],
    [
      'a custom field with a name of 65 characters',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { ['a'.repeat(65)]: 1 } },
      /64/,
    ],
    [
      'a custom field with the name __proto__',
      'POST',
      () => '/contacts',
      `{"phone_number":"+14155550111","custom_fields":{"__proto__":1}}`,
      /letters, digits/,
    ],
    [
      'an object as a custom value',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { a: {} } },
      /strings of at most/,
    ],
    [
      'null as a custom value of a new contact',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { a: null } },
      /strings of at most/,
    ],
    [
      'a custom value of 1001 characters',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { a: 'x'.repeat(1_001) } },
      /1000/,
    ],
    ['51 custom fields', 'POST', () => '/contacts', { ...CONTACT, custom_fields: fields(51) }, /at most 50/],
    ['a string as opted_out', 'POST', () => '/contacts', { ...CONTACT, opted_out: 'yes' }, /true or false/],
    [
      'null as the number of an existing contact',
      'PATCH',
      () => `/contacts/${contact}`,
      { phone_number: null },
      /must be a string/,
    ],
    [
      'null as opted_out of an existing contact',
      'PATCH',
      () => `/contacts/${contact}`,
      { opted_out: null },
      /true or false/,
    ],
    [
      '51 custom fields of an existing contact',
      'PATCH',
      () => `/contacts/${contact}`,
      { custom_fields: fields(51) },
      /at most 50/,
    ],
    ['a limit of 0', 'GET', () => '/contacts?limit=0', undefined, /1 to 200/],
    ['a limit of 201', 'GET', () => '/contacts?limit=201', undefined, /1 to 200/],
    ['a limit that is not a number', 'GET', () => '/contacts?limit=ten', undefined, /1 to 200/],
    ['two limits', 'GET', () => '/contacts?limit=1&limit=2', undefined, /given once/],
    [
      'a cursor of another resource',
      'GET',
      () => '/contacts?cursor=msg_01m7ypkdxffkmb6tyeck3vccad',
      undefined,
      /id of a contact/,
    ],
    [
      'a webhook without events',
      'POST',
      () => '/webhooks',
      { url: HOOK.url },
      /one or more of: message\.sent/,
    ],
    [
      'a webhook with an empty list of events',
      'POST',
      () => '/webhooks',
      { ...HOOK, events: [] },
      /one or more/,
    ],
    [
      'a webhook with unknown events',
      'POST',
      () => '/webhooks',
      { ...HOOK, events: ['message.read'] },
      /one or more/,
    ],
    [
      'a webhook with the event opt_in.created',
      'POST',
      () => '/webhooks',
      { ...HOOK, events: ['opt_in.created'] },
      /one or more/,
    ],
    ['a webhook without a URL', 'POST', () => '/webhooks', { events: HOOK.events }, /'url' is required/],
    ...[
      'http://example.com/',
      'ftp://example.com/',
      'https://127.0.0.1/',
      'https://localhost/',
      'https://10.0.0.1/',
      'https://[::1]/',
      'https://169.254.169.254/',
      'https://me:secret@example.com/',
      'https://printer.local/',
      'example.com',
      `https://example.com/${'a'.repeat(2_048)}`,
    ].map((url): [string, string, () => string, unknown, RegExp] => [
      `a webhook with the URL ${url.slice(0, 40)}`,
      'POST',
      () => '/webhooks',
      { ...HOOK, url },
      /'url' must be (a public https:\/\/ URL|at most 2048)/,
    ]),
    [
      'an existing webhook with an empty list of events',
      'PATCH',
      () => `/webhooks/${webhook}`,
      { events: [] },
      /one or more/,
    ],
    [
      'an existing webhook with a private URL',
      'PATCH',
      () => `/webhooks/${webhook}`,
      { url: 'https://127.0.0.1/' },
      /public https/,
    ],
    ['a string as active', 'PATCH', () => `/webhooks/${webhook}`, { active: 'yes' }, /true or false/],
    ['a replay without an event', 'POST', () => `/webhooks/${webhook}/replay`, {}, /'event_id' is required/],
    [
      'a limit of 0 deliveries',
      'GET',
      () => `/webhooks/${webhook}/deliveries?limit=0`,
      undefined,
      /1 to 200/,
    ],
    ['the month 13', 'GET', () => '/billing/usage?month=2026-13', undefined, /such as 2026-11/],
    [
      'a day instead of a month',
      'GET',
      () => '/billing/usage?month=2026-11-21',
      undefined,
      /such as 2026-11/,
    ],
    ['a missing spend limit', 'PUT', () => '/billing/spend-limit', {}, /whole number of cents/],
    ['a negative spend limit', 'PUT', () => '/billing/spend-limit', { cents: -1 }, /whole number of cents/],
    [
      'a fractional spend limit',
      'PUT',
      () => '/billing/spend-limit',
      { cents: 1.5 },
      /whole number of cents/,
    ],
    [
      'a spend limit over the maximum',
      'PUT',
      () => '/billing/spend-limit',
      { cents: 1e15 },
      /whole number of cents/,
    ],
    [
      'an area code of 2 digits',
      'POST',
      () => '/numbers',
      { area_code: '41', friendly_name: 'x' },
      /3 digits/,
    ],
    [
      'an area code that is not a string',
      'POST',
      () => '/numbers',
      { area_code: 415, friendly_name: 'x' },
      /must be a string/,
    ],
    [
      'a number without a name',
      'POST',
      () => '/numbers',
      { area_code: '415' },
      /'friendly_name' is required/,
    ],
    [
      'a number with an empty name',
      'POST',
      () => '/numbers',
      { area_code: '415', friendly_name: ' ' },
      /1 to 100/,
    ],
    [
      'a number with a name of 101 characters',
      'POST',
      () => '/numbers',
      { area_code: '415', friendly_name: 'x'.repeat(101) },
      /1 to 100/,
    ],
    [
      'a number with a private webhook URL',
      'POST',
      () => '/numbers',
      { area_code: '415', friendly_name: 'x', inbound_webhook_url: 'http://10.0.0.1/' },
      /'inbound_webhook_url' must be a public/,
    ],
  ])('returns 422 for %s', async (_case, method, path, body, message) => {
    expectErrorResponse(await client.request(method, path(), body), 422, 'invalid_request', { message });
    expect((await client.get('/contacts')).body.contacts).toHaveLength(1);
    expect((await client.get('/webhooks')).body.webhooks).toHaveLength(1);
    expect((await client.get('/billing/spend-limit')).body).toEqual({ cents: null });
  });
});

function fields(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`field_${n}`, n]));
}

describe('a request for a missing resource', () => {
  const UNKNOWN_ID = '01m7ypkdxffkmb6tyeck3vccad';

  it.each([
    ['GET', `/contacts/con_${UNKNOWN_ID}`, undefined],
    ['PATCH', `/contacts/con_${UNKNOWN_ID}`, { name: 'x' }],
    ['DELETE', `/contacts/con_${UNKNOWN_ID}`, undefined],
    ['GET', '/contacts/nonsense', undefined],
    ['PATCH', `/contacts/wh_${UNKNOWN_ID}`, { name: 'x' }],
    ['DELETE', '/contacts/con_%00', undefined],
    ['PATCH', `/webhooks/wh_${UNKNOWN_ID}`, { active: true }],
    ['DELETE', `/webhooks/wh_${UNKNOWN_ID}`, undefined],
    ['GET', `/webhooks/wh_${UNKNOWN_ID}/deliveries`, undefined],
    ['POST', `/webhooks/wh_${UNKNOWN_ID}/replay`, { event_id: `evt_${UNKNOWN_ID}` }],
    ['PATCH', '/webhooks/nonsense', { active: true }],
    ['GET', '/nowhere', undefined],
  ] as const)('returns 404: %s %s', async (method, path, body) => {
    expectErrorResponse(await client.request(method, path, body), 404, 'not_found');
  });

  it('returns 404 for a replay of an unknown event', async () => {
    for (const event_id of [`evt_${UNKNOWN_ID}`, 'nonsense']) {
      const response = await client.post(`/webhooks/${webhook}/replay`, { event_id });
      expectErrorResponse(response, 404, 'not_found', { message: /^Event not found/ });
    }
  });

  it('returns 405 with Allow for an unsupported method', async () => {
    const response = await client.delete('/messages');
    expectErrorResponse(response, 405, 'method_not_allowed');
    expect(response.headers.get('allow')).toBe('POST');
  });
});
