/** What the Textree API refuses of everything but messages; nothing of it is kept. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectRefusal, type TextreeClient, textreeClient } from '../../support/textree-client.ts';

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
  // What clients do wrong is no fault of the broker.
  expect(homing.log()).not.toMatch(/"level":"(error|fatal)"/);
  await homing?.dispose();
});

const CONTACT = { phone_number: '+14155550111' };
const HOOK = { url: 'https://example.com/other', events: ['message.sent'] };

describe('refused with 422 is', () => {
  it.each<[string, string, () => string, unknown, RegExp]>([
    ['a contact without a number', 'POST', () => '/contacts', { name: 'Ada' }, /'phone_number' is required/],
    ['an e-mail address as number', 'POST', () => '/contacts', { phone_number: 'a@b.co' }, /E\.164/],
    ['a number as name', 'POST', () => '/contacts', { ...CONTACT, name: 5 }, /'name' must be a string/],
    ['a name of 201', 'POST', () => '/contacts', { ...CONTACT, name: 'a'.repeat(201) }, /at most 200/],
    ['NUL in a name', 'POST', () => '/contacts', { ...CONTACT, name: 'a\0' }, /cannot be stored/],
    [
      'an e-mail address that is none',
      'POST',
      () => '/contacts',
      { ...CONTACT, email: 'a@' },
      /e-mail address/,
    ],
    ['a list of fields', 'POST', () => '/contacts', { ...CONTACT, custom_fields: [] }, /JSON object/],
    ['no fields', 'POST', () => '/contacts', { ...CONTACT, custom_fields: null }, /JSON object/],
    [
      'a field’s name with a dash',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { 'a-b': 1 } },
      /letters, digits or underscores/,
    ],
    [
      'a field without a name',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { '': 1 } },
      /letters, digits/,
    ],
    [
      'a field’s name of 65',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { ['a'.repeat(65)]: 1 } },
      /64/,
    ],
    [
      'a field named __proto__',
      'POST',
      () => '/contacts',
      `{"phone_number":"+14155550111","custom_fields":{"__proto__":1}}`,
      /letters, digits/,
    ],
    [
      'an object in a field',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { a: {} } },
      /texts of at most/,
    ],
    [
      'null in a new field',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { a: null } },
      /texts of at most/,
    ],
    [
      'a field’s text of 1001',
      'POST',
      () => '/contacts',
      { ...CONTACT, custom_fields: { a: 'x'.repeat(1_001) } },
      /1000/,
    ],
    ['51 fields', 'POST', () => '/contacts', { ...CONTACT, custom_fields: fields(51) }, /at most 50/],
    ['a word for opted_out', 'POST', () => '/contacts', { ...CONTACT, opted_out: 'yes' }, /true or false/],
    [
      'null for a known number',
      'PATCH',
      () => `/contacts/${contact}`,
      { phone_number: null },
      /must be a string/,
    ],
    [
      'a word for a known opted_out',
      'PATCH',
      () => `/contacts/${contact}`,
      { opted_out: null },
      /true or false/,
    ],
    ['51 known fields', 'PATCH', () => `/contacts/${contact}`, { custom_fields: fields(51) }, /at most 50/],
    ['a page of 0', 'GET', () => '/contacts?limit=0', undefined, /1 to 200/],
    ['a page of 201', 'GET', () => '/contacts?limit=201', undefined, /1 to 200/],
    ['a page of ten', 'GET', () => '/contacts?limit=ten', undefined, /1 to 200/],
    ['two limits', 'GET', () => '/contacts?limit=1&limit=2', undefined, /given once/],
    [
      'a cursor of another kind',
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
    ['a webhook of no events', 'POST', () => '/webhooks', { ...HOOK, events: [] }, /one or more/],
    [
      'a webhook of unknown events',
      'POST',
      () => '/webhooks',
      { ...HOOK, events: ['message.read'] },
      /one or more/,
    ],
    [
      'a webhook of opt_in.created',
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
      `a webhook at ${url.slice(0, 40)}`,
      'POST',
      () => '/webhooks',
      { ...HOOK, url },
      /'url' must be (a public https:\/\/ URL|at most 2048)/,
    ]),
    ['a known webhook of no events', 'PATCH', () => `/webhooks/${webhook}`, { events: [] }, /one or more/],
    [
      'a known webhook at a private URL',
      'PATCH',
      () => `/webhooks/${webhook}`,
      { url: 'https://127.0.0.1/' },
      /public https/,
    ],
    ['a word for active', 'PATCH', () => `/webhooks/${webhook}`, { active: 'yes' }, /true or false/],
    ['a replay of nothing', 'POST', () => `/webhooks/${webhook}/replay`, {}, /'event_id' is required/],
    ['a page of 0 deliveries', 'GET', () => `/webhooks/${webhook}/deliveries?limit=0`, undefined, /1 to 200/],
    ['a month of 13', 'GET', () => '/billing/usage?month=2026-13', undefined, /such as 2026-11/],
    ['a day', 'GET', () => '/billing/usage?month=2026-11-21', undefined, /such as 2026-11/],
    ['no limit at all', 'PUT', () => '/billing/spend-limit', {}, /whole number of cents/],
    ['a negative limit', 'PUT', () => '/billing/spend-limit', { cents: -1 }, /whole number of cents/],
    ['a broken limit', 'PUT', () => '/billing/spend-limit', { cents: 1.5 }, /whole number of cents/],
    [
      'a limit beyond counting',
      'PUT',
      () => '/billing/spend-limit',
      { cents: 1e15 },
      /whole number of cents/,
    ],
    ['an area code of 2', 'POST', () => '/numbers', { area_code: '41', friendly_name: 'x' }, /3 digits/],
    [
      'a number as area code',
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
      'a number of an empty name',
      'POST',
      () => '/numbers',
      { area_code: '415', friendly_name: ' ' },
      /1 to 100/,
    ],
    [
      'a number of a name of 101',
      'POST',
      () => '/numbers',
      { area_code: '415', friendly_name: 'x'.repeat(101) },
      /1 to 100/,
    ],
    [
      'a number with a private webhook',
      'POST',
      () => '/numbers',
      { area_code: '415', friendly_name: 'x', inbound_webhook_url: 'http://10.0.0.1/' },
      /'inbound_webhook_url' must be a public/,
    ],
  ])('%s', async (_what, method, path, body, message) => {
    expectRefusal(await client.request(method, path(), body), 422, 'invalid_request', { message });
    expect((await client.get('/contacts')).body.contacts).toHaveLength(1);
    expect((await client.get('/webhooks')).body.webhooks).toHaveLength(1);
    expect((await client.get('/billing/spend-limit')).body).toEqual({ cents: null });
  });
});

function fields(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`field_${n}`, n]));
}

describe('what is not there', () => {
  const NOBODY = '01m7ypkdxffkmb6tyeck3vccad';

  it.each([
    ['GET', `/contacts/con_${NOBODY}`, undefined],
    ['PATCH', `/contacts/con_${NOBODY}`, { name: 'x' }],
    ['DELETE', `/contacts/con_${NOBODY}`, undefined],
    ['GET', '/contacts/nonsense', undefined],
    ['PATCH', `/contacts/wh_${NOBODY}`, { name: 'x' }],
    ['DELETE', '/contacts/con_%00', undefined],
    ['PATCH', `/webhooks/wh_${NOBODY}`, { active: true }],
    ['DELETE', `/webhooks/wh_${NOBODY}`, undefined],
    ['GET', `/webhooks/wh_${NOBODY}/deliveries`, undefined],
    ['POST', `/webhooks/wh_${NOBODY}/replay`, { event_id: `evt_${NOBODY}` }],
    ['PATCH', '/webhooks/nonsense', { active: true }],
    ['GET', '/nowhere', undefined],
  ] as const)('%s %s is 404', async (method, path, body) => {
    expectRefusal(await client.request(method, path, body), 404, 'not_found');
  });

  it('an event of no such id is 404 to replay', async () => {
    for (const event_id of [`evt_${NOBODY}`, 'nonsense']) {
      const answer = await client.post(`/webhooks/${webhook}/replay`, { event_id });
      expectRefusal(answer, 404, 'not_found', { message: /^Event not found/ });
    }
  });

  it('a method is 405', async () => {
    const answer = await client.delete('/messages');
    expectRefusal(answer, 405, 'method_not_allowed');
    expect(answer.headers.get('allow')).toBe('POST');
  });
});
