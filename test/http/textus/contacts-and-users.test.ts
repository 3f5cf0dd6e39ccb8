/** Tests contacts, users and saved replies of the TextUs API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { revokeKey } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import {
  createTextusClient,
  expectErrorResponse,
  normalized,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';

let homing: RunningBroker;
let client: TextusClient;
let user: string;
let phones = 200;

beforeAll(async () => {
  homing = await startInProcess();
  client = textusClient(homing.url, homing.testKey);
  user = (await client.get('/default/users')).body.members[0].id;
});
afterAll(() => homing?.dispose());

const newPhone = () => {
  phones += 1;
  return `+15005550${phones}`;
};
const add = (contact: Record<string, unknown> = {}) =>
  client.post('/default/contacts', { phone: newPhone(), ...contact });

const WRONG_FIELDS: Array<[string, Record<string, unknown>, string]> = [
  ['a name that is not a string', { name: 7 }, 'name'],
  ['a first name that is too long', { firstName: 'x'.repeat(201) }, 'firstName'],
  ['a last name with a NUL', { lastName: 'a\0' }, 'lastName'],
  ['an invalid e-mail address', { email: 'ada' }, 'email'],
  ['custom fields that are a list', { custom: [] }, 'custom'],
  ['a custom field that is a number', { custom: { size: 7 } }, 'custom.size'],
  ['a custom field that is too long', { custom: { size: 'x'.repeat(1_001) } }, 'custom.size'],
  ['a custom field with an invalid name', { custom: { 'a b': 'x' } }, 'custom.a b'],
];

describe('a contact', () => {
  it('is returned with all keys in order', async () => {
    const response = await add({
      phone: '+15005550200',
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@example.com',
      custom: { calendly: 'https://calendly.com/ada' },
    });
    expect(response.status, response.text).toBe(201);
    expect(normalized(response.body)).toMatchInlineSnapshot(`
      "{
        "@type": "Contact",
        "@context": "/contexts/Contact.jsonld",
        "id": "/contacts/<id>",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "name": "Ada Lovelace",
        "phone": "+15005550200",
        "email": "ada@example.com",
        "custom": {
          "calendly": "https://calendly.com/ada"
        },
        "optedOut": false,
        "createdAt": "<time>",
        "updatedAt": "<time>"
      }"
    `);
    expect((await client.get(response.body.id)).body).toEqual(response.body);
  });

  it.each([
    [{ name: 'Ada King Noel' }, 'Ada', 'King Noel', 'Ada King Noel'],
    [{ firstName: ' Ada ' }, 'Ada', null, 'Ada'],
    [{ lastName: 'Lovelace', firstName: null }, 'Lovelace', null, 'Lovelace'],
    [{ firstName: 'Ada', name: 'Grace Hopper' }, 'Grace', 'Hopper', 'Grace Hopper'],
    [{ name: '' }, null, null, null],
    [{}, null, null, null],
  ])('is created with the names %j', async (given, firstName, lastName, name) => {
    expect((await add(given)).body).toMatchObject({ firstName, lastName, name });
  });

  it('keeps omitted fields unchanged in an update', async () => {
    const { body } = await add({
      firstName: 'Ada',
      lastName: 'Byron',
      email: 'a@b.co',
      custom: { a: '1', b: '2' },
    });
    const change = { lastName: 'Lovelace', custom: { a: null, c: '3' } };
    const changed = await client.patch(body.id, change);
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body).toMatchObject({
      name: 'Ada Lovelace',
      phone: body.phone,
      email: 'a@b.co',
      custom: { b: '2', c: '3' },
    });
    expect(changed.body.custom).not.toHaveProperty('a');
    const phone = newPhone();
    expect((await client.patch(body.id, { phone, email: null })).body).toMatchObject({ phone, email: null });
    expect((await client.patch(body.id, {})).body).toMatchObject({ phone, name: 'Ada Lovelace' });
  });

  it('is unique by its number: a second one returns 409', async () => {
    const { body } = await add();
    const other = await add();
    expectErrorResponse(await add({ phone: body.phone }), 409);
    expectErrorResponse(await client.patch(other.body.id, { phone: body.phone }), 409);
  });

  it('is listed oldest first, in pages', async () => {
    const all = (await client.get('/default/contacts?limit=100')).body;
    const first = (await client.get('/default/contacts?limit=2')).body;
    const second = (await client.get(first.view.next)).body;
    expect([...first.members, ...second.members]).toEqual(all.members.slice(0, 4));
    expect(first.totalItems).toBe(all.members.length);
    expect(all.view.next).toBeNull();
  });

  it.each(WRONG_FIELDS)('with %s returns 422', async (_case, fields, path) => {
    expectErrorResponse(await add(fields), 422, path);
    const { body } = await add();
    expectErrorResponse(await client.patch(body.id, fields), 422, path);
  });

  it('with a missing or invalid number returns 422', async () => {
    expectErrorResponse(await client.post('/default/contacts', { name: 'Ada' }), 422, 'phone');
    for (const phone of ['555', 7, 'ada@example.com'])
      expectErrorResponse(await add({ phone }), 422, 'phone');
  });

  it('has at most 100 custom fields', async () => {
    const custom = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, 'x']));
    const { status, body } = await add({ custom });
    expect(status).toBe(201);
    expectErrorResponse(await client.patch(body.id, { custom: { more: 'x' } }), 422, 'custom');
    expect((await client.patch(body.id, { custom: { more: 'x', f0: null } })).status).toBe(200);
  });
});

describe('a user', () => {
  it('exists in a new account and is returned with all keys in order', async () => {
    const fresh = await createTextusClient(homing, { environment: 'live' });
    const { members, totalItems } = (await fresh.get('/default/users')).body;
    expect(totalItems).toBe(1);
    expect(normalized(members[0])).toMatchInlineSnapshot(`
      "{
        "@type": "User",
        "@context": "/contexts/User.jsonld",
        "id": "/users/<id>",
        "name": "default",
        "email": null,
        "custom": {},
        "savedReplies": "/users/<id>/saved_replies"
      }"
    `);
    expect((await fresh.get(members[0].id)).body).toEqual(members[0]);
  });

  it('is the sender of outbound messages', async () => {
    const { body } = await client.post('/messages', { to: newPhone(), body: 'Hi' });
    expect(body.sender).toBe(user);
  });

  it('keeps omitted fields unchanged in an update', async () => {
    await client.patch(user, { name: 'Grace', email: 'g@h.co', custom: { a: '1', b: '2' } });
    const { body } = await client.patch(user, { custom: { a: null } });
    expect(body).toMatchObject({ name: 'Grace', email: 'g@h.co', custom: { b: '2' } });
    expect((await client.patch(user, { email: null })).body.email).toBeNull();
    expect((await client.get('/default/users')).body.members).toEqual([(await client.get(user)).body]);
  });

  it.each([
    ...WRONG_FIELDS.filter(([, , path]) => !/Name/.test(path)),
    ['an empty name', { name: ' ' }, 'name'] as const,
  ])('with %s returns 422', async (_case, fields, path) => {
    expectErrorResponse(await client.patch(user, fields), 422, path);
  });

  it('with an unknown id returns 404 for an update', async () => {
    expectErrorResponse(await client.patch('/users/01m7ypkdxffkmb6tyeck3vccad', { name: 'x' }), 404);
    expectErrorResponse(await client.patch('/users/x', { name: 'x' }), 404);
  });
});

describe('a saved reply', () => {
  it('is returned with all keys in order, and listed', async () => {
    const response = await client.post(`${user}/saved_replies`, { title: 'Thanks', body: 'Thank you!' });
    expect(response.status, response.text).toBe(201);
    expect(normalized(response.body)).toMatchInlineSnapshot(`
      "{
        "@type": "SavedReply",
        "@context": "/contexts/SavedReply.jsonld",
        "id": "/saved_replies/<id>",
        "user": "/users/<id>",
        "title": "Thanks",
        "body": "Thank you!",
        "createdAt": "<time>",
        "updatedAt": "<time>"
      }"
    `);
    expect((await client.get(response.body.id)).body).toEqual(response.body);
    await client.post(`${user}/saved_replies`, { title: 'Hours', body: 'We open at nine.' });
    const first = (await client.get(`${user}/saved_replies?limit=1`)).body;
    expect(first).toMatchObject({ members: [response.body], totalItems: 2 });
    expect((await client.get(first.view.next)).body).toMatchObject({
      members: [{ title: 'Hours' }],
      cursor: null,
    });
  });

  it.each([
    ['no fields', {}, ['title', 'body']],
    ['an empty title', { title: ' ', body: 'x' }, ['title']],
    ['an empty body', { title: 'x', body: '' }, ['body']],
    ['a body over 5000 characters', { title: 'x', body: 'x'.repeat(5_001) }, ['body']],
    ['an unpaired surrogate in its body', { title: 'x', body: '\ud83d' }, ['body']],
    ['a title that is not a string', { title: 7, body: 'x' }, ['title']],
  ])('with %s returns 422', async (_case, body, fields) => {
    expectErrorResponse(await client.post(`${user}/saved_replies`, body), 422, ...fields);
  });

  it('of an unknown user returns 404', async () => {
    const body = { title: 'x', body: 'x' };
    expectErrorResponse(await client.post('/users/01m7ypkdxffkmb6tyeck3vccad/saved_replies', body), 404);
  });
});

describe('a write operation', () => {
  it('needs the permission messages:send', async () => {
    const reader = await createTextusClient(homing, { permissions: 'messages:read' });
    const { body } = await add();
    expectErrorResponse(await reader.post('/default/contacts', { phone: newPhone() }), 403);
    expectErrorResponse(await reader.patch(body.id, { name: 'x' }), 403);
    expectErrorResponse(await reader.patch(user, { name: 'x' }), 403);
    expectErrorResponse(await reader.post(`${user}/saved_replies`, { title: 'x', body: 'x' }), 403);
    expect((await reader.get(body.id)).status).toBe(200);
  });

  it('with a revoked token returns 401', async () => {
    const revoked = await createTextusClient(homing);
    await revokeKey(homing, revoked.keyId);
    expectErrorResponse(await revoked.post('/default/contacts', { phone: newPhone() }), 401);
  });
});
