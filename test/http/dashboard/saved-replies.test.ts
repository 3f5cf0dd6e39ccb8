/** Tests saved replies and merge fields: changes, roles, and the values of a conversation. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTenant } from '../../../broker/core/accounts/accounts.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker, clientFor, createClient } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const ANNA = '+15005550010';

describe('the saved replies of the dashboard', () => {
  let broker: RunningBroker;
  let member: DashboardClient;
  beforeAll(async () => {
    broker = await startInProcess();
    member = await signIn(broker, { role: 'member', name: 'Robin Doe', email: 'robin@example.com' });
    await besideBroker(broker, (store, { ids }) =>
      store.transaction(async (tx) => {
        const tenant = await findTenant(tx, 'default', 'test');
        await tx.contacts.insert({
          ...{ id: ids(), tenantId: tenant.id, handle: ANNA, name: 'Anna Lee', email: null },
          ...{ customFields: { plan: 'gold' }, createdAt: 0, updatedAt: 0 },
        });
      }),
    );
  });
  afterAll(() => broker?.dispose());

  const conversation = async () =>
    (await member.post('/test/messages', { to: ANNA, content: 'Hi', idempotencyKey: 'saved-replies' })).body
      .conversationId as string;

  it('a member creates, changes and deletes a saved reply, which other members see', async () => {
    const created = await member.post('/test/saved-replies', { title: 'Thanks', body: 'Thank you!' });
    expect(created.status, created.text).toBe(201);
    const { id } = created.body;
    expect(created.body).toEqual({
      ...{ id: expect.stringMatching(/^rpl_/), title: 'Thanks', body: 'Thank you!', rendered: null },
      ...{ createdAt: expect.any(Number), updatedAt: expect.any(Number) },
    });
    const viewer = await signIn(broker, { role: 'viewer' });
    expect((await viewer.get('/test/saved-replies')).body).toEqual({ savedReplies: [created.body] });
    expect((await viewer.get('/live/saved-replies')).body).toEqual({ savedReplies: [] });
    const changed = await member.patch(`/test/saved-replies/${id}`, { body: 'Thanks a lot!' });
    expect(changed.body).toMatchObject({ id, title: 'Thanks', body: 'Thanks a lot!' });
    expect((await viewer.patch(`/test/saved-replies/${id}`, { body: 'No' })).status).toBe(403);
    expect((await viewer.delete(`/test/saved-replies/${id}`)).status).toBe(403);
    expect((await member.delete(`/live/saved-replies/${id}`)).status).toBe(404);
    expect((await member.delete(`/test/saved-replies/${id}`)).status).toBe(204);
    expect((await member.delete(`/test/saved-replies/${id}`)).status).toBe(404);
    expect((await viewer.get('/test/saved-replies')).body).toEqual({ savedReplies: [] });
  });

  it('the merge fields of a saved reply have the values of the conversation and the member', async () => {
    const body = 'Hi {{contact.first_name}}, your plan is {{contact.custom.plan}}. {{user.name}} {{unknown}}';
    await member.post('/test/saved-replies', { title: 'Plan', body });
    const id = await conversation();
    const { savedReplies } = (await member.get(`/test/saved-replies?conversation=${id}`)).body;
    expect(savedReplies.at(-1)).toMatchObject({ body, rendered: 'Hi Anna, your plan is gold. Robin Doe ' });
    const { fields } = (await member.get(`/test/merge-fields?conversation=${id}`)).body;
    expect(fields).toContainEqual({ name: 'contact.last_name', value: 'Lee' });
    expect(fields).toContainEqual({ name: 'user.email', value: 'robin@example.com' });
    const unknown = await member.get(`/test/saved-replies?conversation=conv_${'0'.repeat(26)}`);
    expect(unknown.status).toBe(404);
    const names = (await member.get('/test/merge-fields')).body.fields;
    expect(names).toContainEqual({ name: 'contact.first_name', value: '' });
  });

  it('saved replies of the TextUs API are the same ones', async () => {
    const { key } = await createClient(broker);
    const headers = { authorization: `Bearer ${key}` };
    const client = clientFor(broker.url);
    const users = await client.request('GET', '/default/users', { headers });
    const user = JSON.parse(users.text).members[0].id;
    const body = { title: 'Shared', body: 'From the API' };
    const created = await client.request('POST', `${user}/saved_replies`, { headers, body });
    expect(created.status, created.text).toBe(201);
    const { savedReplies } = (await member.get('/test/saved-replies')).body;
    expect(savedReplies.map(({ title }: { title: string }) => title)).toContain('Shared');
  });

  it.each([
    ['an empty title', { title: ' ', body: 'x' }],
    ['no text', { title: 'x' }],
    ['a long text', { title: 'x', body: 'x'.repeat(5_001) }],
  ])('POST /saved-replies returns 400 for %s', async (_, body) => {
    expect((await member.post('/test/saved-replies', body)).status).toBe(400);
  });
});
