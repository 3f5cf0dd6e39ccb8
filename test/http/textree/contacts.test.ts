/** Tests contacts of the Textree API: creation, lists, updates, opt-outs and deletion. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import {
  createToken,
  expectErrorResponse,
  normalizedBody,
  type TextreeClient,
} from '../../support/textree-client.ts';

const ADA = '+14155550100';

let homing: RunningBroker;
let accounts = 0;

beforeAll(async () => {
  homing = await startInProcess();
});
afterAll(() => homing?.dispose());

/** Returns a client of a new account. */
async function newClient(): Promise<TextreeClient> {
  accounts += 1;
  const account = `contacts-${accounts}`;
  await createAccount(homing, account);
  return createToken(homing, { account });
}

const add = async (client: TextreeClient, body: object) => {
  const response = await client.post('/contacts', body);
  expect(response.status, response.text).toBe(201);
  return response.body.contact;
};

describe('POST, GET, PATCH and DELETE /contacts', () => {
  it('create a contact with 201 and return it with all fields', async () => {
    const client = await newClient();
    const response = await client.post('/contacts', {
      phone_number: ADA,
      name: 'Ada Łovelace 🙂',
      email: 'ada@example.com',
      custom_fields: { plan: 'gold', seats: 3, is_beta: true },
    });
    expect(response.status).toBe(201);
    const expected = `{"contact":{"id":"con_ID","phone_number":"${ADA}","name":"Ada Łovelace 🙂","email":"ada@example.com","custom_fields":{"plan":"gold","seats":3,"is_beta":true},"opted_out":false,"created_at":"TIME","updated_at":"TIME"}}`;
    expect(normalizedBody(response)).toBe(expected);
    const again = await client.get(`/contacts/${response.body.contact.id}`);
    expect(normalizedBody(again)).toBe(expected);
    expect(again.body).toEqual(response.body);
  });

  it('create a contact with a number only', async () => {
    const client = await newClient();
    expect(await add(client, { phone_number: ADA })).toMatchObject({
      name: null,
      email: null,
      custom_fields: {},
      opted_out: false,
    });
  });

  it('return 409 for a second contact with the same number', async () => {
    const client = await newClient();
    const ada = await add(client, { phone_number: ADA });
    const bob = await add(client, { phone_number: '+14155550101' });
    expectErrorResponse(await client.post('/contacts', { phone_number: ADA }), 409, 'conflict');
    expectErrorResponse(await client.patch(`/contacts/${bob.id}`, { phone_number: ADA }), 409, 'conflict');
    expect((await client.patch(`/contacts/${ada.id}`, { phone_number: ADA })).status).toBe(200);
    const racing = await Promise.all(
      Array.from({ length: 20 }, () => client.post('/contacts', { phone_number: '+14155550102' })),
    );
    expect(racing.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
  });

  it('update only the fields of the request, and delete custom fields that are null', async () => {
    const client = await newClient();
    const { id } = await add(client, {
      phone_number: ADA,
      name: 'Ada',
      email: 'ada@example.com',
      custom_fields: { plan: 'gold', seats: 3 },
    });
    const response = await client.patch(`/contacts/${id}`, {
      email: null,
      custom_fields: { plan: null, seats: 4, town: 'London', never_there: null },
    });
    expect(response.status).toBe(200);
    expect(response.body.contact).toMatchObject({
      id,
      phone_number: ADA,
      name: 'Ada',
      email: null,
      custom_fields: { seats: 4, town: 'London' },
    });
    expect(Object.keys(response.body.contact.custom_fields)).toEqual(['seats', 'town']);
    expect((await client.get(`/contacts/${id}`)).body).toEqual(response.body);
    const moved = await client.patch(`/contacts/${id}`, { phone_number: '+14155550103', name: null });
    expect(moved.body.contact).toMatchObject({ phone_number: '+14155550103', name: null });
  });

  it('apply all concurrent changes of custom fields', async () => {
    const client = await newClient();
    const { id } = await add(client, { phone_number: ADA });
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        client.patch(`/contacts/${id}`, { custom_fields: { [`f${n}`]: n } }),
      ),
    );
    const { custom_fields } = (await client.get(`/contacts/${id}`)).body.contact;
    expect(Object.keys(custom_fields)).toHaveLength(20);
  });

  it('allow at most 50 custom fields, counted over several updates', async () => {
    const client = await newClient();
    const fields = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}`, 'x']));
    const { id } = await add(client, { phone_number: ADA, custom_fields: fields });
    const more = await client.patch(`/contacts/${id}`, { custom_fields: { one_more: 1 } });
    expectErrorResponse(more, 422, 'invalid_request', { message: /at most 50 fields in total/ });
    const swapped = await client.patch(`/contacts/${id}`, { custom_fields: { one_more: 1, f0: null } });
    expect(swapped.status).toBe(200);
  });

  it('delete a contact with 204', async () => {
    const client = await newClient();
    const { id } = await add(client, { phone_number: ADA });
    const removed = await client.delete(`/contacts/${id}`);
    expect([removed.status, removed.text]).toEqual([204, '']);
    expectErrorResponse(await client.get(`/contacts/${id}`), 404, 'not_found');
    expectErrorResponse(await client.delete(`/contacts/${id}`), 404, 'not_found');
    expect((await add(client, { phone_number: ADA })).id).not.toBe(id);
  });
});

describe('GET /contacts', () => {
  it('returns an empty list for a new account', async () => {
    const client = await newClient();
    expect(normalizedBody(await client.get('/contacts'))).toBe(
      '{"contacts":[],"cursor":null,"has_more":false}',
    );
  });

  it('returns every contact once, oldest first, even if contacts are added during the pagination', async () => {
    const client = await newClient();
    const added: string[] = [];
    for (let n = 10; n < 17; n += 1) added.push((await add(client, { phone_number: `+141555501${n}` })).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await client.get(`/contacts?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`);
      const { contacts, cursor: next, has_more } = page.body;
      expect(has_more).toBe(next !== null);
      seen.push(...contacts.map(({ id }: { id: string }) => id));
      if (seen.length === 3) added.push((await add(client, { phone_number: '+14155550199' })).id);
      cursor = next;
    } while (cursor !== null);
    expect(seen).toEqual(added);
    const exact = await client.get('/contacts?limit=8');
    expect(exact.body).toMatchObject({ cursor: null, has_more: false });
  });

  it('returns 50 contacts by default, and up to 200', async () => {
    const client = await newClient();
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => client.post('/contacts', { phone_number: `+141555502${n + 10}` })),
    );
    expect((await client.get('/contacts')).body.contacts).toHaveLength(50);
    expect((await client.get('/contacts?limit=200')).body.contacts).toHaveLength(60);
  });
});

describe('the field opted_out', () => {
  it('blocks messages to the contact until it is set to false', async () => {
    const client = await newClient();
    const to = { phone_number: '+15005550010', body: 'Hi' };
    const { id } = await add(client, { phone_number: to.phone_number });
    const otherMessage = await client.send({ phone_number: '+15005550023' });
    const out = await client.patch(`/contacts/${id}`, { opted_out: true });
    expect(out.body.contact.opted_out).toBe(true);
    expect((await client.get('/contacts')).body.contacts[0].opted_out).toBe(true);
    expectErrorResponse(await client.post('/messages', to), 403, 'workspace_suppressed');
    // Only queued messages to this contact are cancelled.
    expect((await client.get(`/messages/${otherMessage}`)).body.message.status).toBe('queued');

    const back = await client.patch(`/contacts/${id}`, { opted_out: false });
    expect(back.body.contact.opted_out).toBe(false);
    expect((await client.post('/messages', to)).status).toBe(202);
  });

  it('can be set on a new contact, and cancels its queued messages', async () => {
    const client = await newClient();
    const waiting = await client.send({ phone_number: '+15005550023' });
    const contact = await add(client, { phone_number: '+15005550023', opted_out: true });
    expect(contact.opted_out).toBe(true);
    expect((await client.get(`/messages/${waiting}`)).body.message.status).toBe('failed');
  });

  it('belongs to the number and remains after the contact is deleted', async () => {
    const client = await newClient();
    const { id } = await add(client, { phone_number: '+15005550010', opted_out: true });
    await client.delete(`/contacts/${id}`);
    const again = await add(client, { phone_number: '+15005550010' });
    expect(again.opted_out).toBe(true);
    const moved = await client.patch(`/contacts/${again.id}`, { phone_number: '+15005550011' });
    expect(moved.body.contact.opted_out).toBe(false);
  });
});
