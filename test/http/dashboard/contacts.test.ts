/** Tests the contacts and opt-outs of the dashboard. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, createClient } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

let broker: RunningBroker;
let member: DashboardClient;
let stranger: DashboardClient;

beforeAll(async () => {
  broker = await startInProcess();
  await createAccount(broker, 'other');
  member = await signIn(broker, { role: 'member' });
  stranger = await signIn(broker, { account: 'other', role: 'owner' });
});
afterAll(() => broker?.dispose());

const create = async (body: object) => (await member.post('/test/contacts', body)).body;

describe('contacts', () => {
  it('are created, changed and deleted, with custom fields', async () => {
    const created = await member.post('/test/contacts', {
      handle: '+1 (415) 555-0100',
      name: ' Ada ',
      email: '',
      customFields: { plan: 'gold', seats: 3 },
    });
    expect(created.status, created.text).toBe(201);
    const { id } = created.body;
    expect(created.body).toEqual({
      ...{ id: expect.stringMatching(/^con_/), handle: '+14155550100', name: 'Ada', email: null },
      ...{
        customFields: { plan: 'gold', seats: 3 },
        isOptedOut: false,
        optOut: null,
        isBlocked: false,
        conversations: [],
      },
      ...{ createdAt: expect.any(Number), updatedAt: expect.any(Number) },
    });
    const change = { name: null, email: 'ada@example.com', customFields: { plan: null, vip: true } };
    const changed = await member.patch(`/test/contacts/${id}`, change);
    expect(changed.body).toMatchObject({
      name: null,
      email: 'ada@example.com',
      customFields: { seats: 3, vip: true },
    });
    expect((await member.get('/test/contact-fields')).body.fields).toEqual(['plan', 'seats', 'vip']);
    expect((await member.delete(`/test/contacts/${id}`)).status).toBe(204);
    expect((await member.get(`/test/contacts/${id}`)).status).toBe(404);
  });

  it('are listed by name in pages, and found by name, number and e-mail address', async () => {
    const names = ['carol', 'Alice', 'Bob', 'alan'];
    for (const [index, name] of names.entries()) {
      await create({ handle: `+1415555020${index}`, name, email: `${name.toLowerCase()}@example.org` });
    }
    await create({ handle: '+14155550209' });
    const seen: string[] = [];
    for (let path = '/test/contacts?limit=2'; path !== ''; ) {
      const { body } = await member.get(path);
      seen.push(...body.contacts.map((one: { name: string; handle: string }) => one.name ?? one.handle));
      path = body.next === null ? '' : `/test/contacts?limit=2&cursor=${body.next}`;
    }
    expect(seen).toEqual(['+14155550209', 'alan', 'Alice', 'Bob', 'carol']);
    const find = async (text: string) =>
      (await member.get(`/test/contacts?search=${encodeURIComponent(text)}`)).body.contacts.map(
        ({ name }: { name: string }) => name,
      );
    expect(await find('AL')).toEqual(['alan', 'Alice']);
    expect(await find('555 02-01')).toEqual(['Alice']);
    expect(await find('bob@')).toEqual(['Bob']);
    expect(await find('%')).toEqual([]);
  });

  it('with a conversation link to it', async () => {
    const { id, handle } = await create({ handle: '+15005550010', name: 'Link' });
    const client = await createClient(broker);
    await client.post('/v1/messages/send', { to: handle, content: 'Hi' });
    const found = await until('the conversation', async () => {
      const { body } = await member.get(`/test/contacts/${id}`);
      return body.conversations[0] === undefined ? undefined : body.conversations;
    });
    expect(found).toEqual([
      {
        ...{ id: expect.stringMatching(/^conv_/), numberId: expect.stringMatching(/^num_/) },
        ...{ ownNumber: '+15005550006', totalCount: 1, unreadCount: 0, updatedAt: expect.any(Number) },
      },
    ]);
    expect((await member.get(`/test/conversations/${found[0].id}`)).body.contactId).toBe(id);
  });

  it.each([
    ['handle', { handle: 'nobody at all' }],
    ['handle', {}],
    ['email', { handle: '+14155550111', email: 'x' }],
    ['customFields', { handle: '+14155550111', customFields: { 'a b': 1 } }],
  ])('POST /contacts returns 400 for an invalid %s', async (param, body) => {
    const response = await member.post('/test/contacts', body);
    expect([response.status, response.body.error.param]).toEqual([400, param]);
  });

  it('POST /contacts returns 409 for a known handle', async () => {
    await create({ handle: '+14155550112' });
    const response = await member.post('/test/contacts', { handle: '+1 415 555 0112' });
    expect([response.status, response.body.error.param]).toEqual([409, 'handle']);
  });

  it('GET /contacts returns 400 for a malformed cursor', async () => {
    const response = await member.get('/test/contacts?cursor=x');
    expect([response.status, response.body.error.param]).toEqual([400, 'cursor']);
  });

  it('of another account are unknown, and a viewer cannot change them', async () => {
    const { id } = await create({ handle: '+14155550113', name: 'Mine' });
    const viewer = await signIn(broker, { role: 'viewer' });
    const responses = [
      await stranger.get(`/test/contacts/${id}`),
      await stranger.patch(`/test/contacts/${id}`, { name: 'x' }),
      await stranger.delete(`/test/contacts/${id}`),
      await member.get(`/live/contacts/${id}`),
    ];
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 404));
    expect((await viewer.patch(`/test/contacts/${id}`, { name: 'x' })).status).toBe(403);
    expect((await viewer.get(`/test/contacts/${id}`)).body.name).toBe('Mine');
    expect((await stranger.get('/test/contacts')).body.contacts).toEqual([]);
    expect((await stranger.get('/test/contact-fields')).body.fields).toEqual([]);
  });
});

describe('opt-outs', () => {
  it('are recorded with their origin, block a send, and are removed', async () => {
    const { id } = await create({ handle: '+15005550013', name: 'Opted' });
    const added = await member.post('/test/opt-outs', { handle: '+1 500 555 0013' });
    expect(added.status).toBe(201);
    expect(added.body).toEqual({
      ...{ handle: '+15005550013', reason: 'dashboard', origin: 'dashboard', createdAt: expect.any(Number) },
      ...{ contactId: id, contactName: 'Opted' },
    });
    expect((await member.get(`/test/contacts/${id}`)).body.optOut).toEqual(added.body);
    const client = await createClient(broker);
    const send = () => client.post('/v1/messages/send', { to: '+15005550013', content: 'Hi' });
    expect((await send()).status).toBe(403);
    expect((await member.delete('/test/opt-outs/+15005550013')).status).toBe(204);
    expect((await send()).status).toBeLessThan(300);
    expect((await member.delete('/test/opt-outs/+15005550013')).status).toBe(404);
  });

  it('are listed in pages with the origin of each', async () => {
    const client = await createClient(broker, { environment: 'live' });
    await client.post('/v1/opt-outs', { recipient: '+14155550121' });
    await client.post('/v1/opt-outs', { recipient: '+14155550122', reason: 'STOP' });
    await member.post('/live/opt-outs', { handle: '+14155550123', reason: 'Asked by phone' });
    const { body: first } = await member.get('/live/opt-outs?limit=2');
    const { body: second } = await member.get(
      `/live/opt-outs?limit=2&cursor=${encodeURIComponent(first.next)}`,
    );
    const all = [...first.optOuts, ...second.optOuts];
    expect(all.map(({ handle, origin }: { handle: string; origin: string }) => [handle, origin])).toEqual([
      ['+14155550121', 'api'],
      ['+14155550122', 'message'],
      ['+14155550123', 'note'],
    ]);
    expect(second.next).toBeNull();
    expect((await stranger.get('/live/opt-outs')).body.optOuts).toEqual([]);
    expect((await stranger.delete('/live/opt-outs/+14155550121')).status).toBe(404);
  });
});
