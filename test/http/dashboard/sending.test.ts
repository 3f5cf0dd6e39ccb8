/** Tests sending from the inbox: previews, schedules, repeats, cancels, and the roles of members. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker, openSlowRequest, pairDevice } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const ECHO = '+15005550014';
const OWN = '+14155550199';

describe('sending from the dashboard', () => {
  let broker: RunningBroker;
  let member: DashboardClient;
  let keys = 0;
  const idempotencyKey = () => `test-key-${keys++}`;
  const send = (body: object, client = member, environment = 'test') =>
    client.post(`/${environment}/messages`, { idempotencyKey: idempotencyKey(), ...body });

  beforeAll(async () => {
    broker = await startInProcess();
    member = await signIn(broker, { role: 'member' });
    await pairDevice(broker, OWN);
  });
  afterAll(() => broker?.dispose());

  it('a member starts a conversation, and reads its messages in it', async () => {
    const response = await send({ to: '+1 500 555 0014', content: 'Hello' });
    expect(response.status, response.text).toBe(201);
    expect(response.body).toMatchObject({
      ...{ direction: 'outbound', handle: ECHO, content: 'Hello', status: 'queued', wait: null },
      ...{ media: [], error: null, sendAt: null, priority: 'normal', isGroup: false },
    });
    const { conversationId } = response.body;
    const { messages } = (await member.get(`/test/conversations/${conversationId}/messages`)).body;
    expect(messages.at(-1)).toMatchObject({ id: response.body.id, content: 'Hello' });
    const reply = await send({ conversationId, content: 'And again' });
    expect(reply.body).toMatchObject({ conversationId, handle: ECHO, ownNumber: response.body.ownNumber });
    await until('the echo', async () => {
      const { latest } = (await member.get(`/test/conversations/${conversationId}`)).body;
      return latest.direction === 'inbound';
    });
  });

  it('a new conversation accepts the next message, and its preview, at once', async () => {
    const first = await send({ to: '+15005550011', content: 'First' });
    const { conversationId } = first.body;
    const [second, preview] = await Promise.all([
      send({ conversationId, content: 'Second' }),
      member.post('/test/messages/preview', { conversationId, content: 'Third' }),
    ]);
    expect(second.status, second.text).toBe(201);
    expect(preview.status, preview.text).toBe(200);
  });

  it('a viewer cannot send, cancel or send again', async () => {
    const viewer = await signIn(broker, { role: 'viewer' });
    const { body } = await send({ to: ECHO, content: 'Hello' });
    expect((await send({ to: ECHO, content: 'Hello' }, viewer)).status).toBe(403);
    expect((await viewer.post(`/test/messages/${body.id}/cancel`)).status).toBe(403);
    const again = { idempotencyKey: idempotencyKey() };
    expect((await viewer.post(`/test/messages/${body.id}/send-again`, again)).status).toBe(403);
    expect((await viewer.post('/test/messages/preview', { to: ECHO, content: 'Hello' })).status).toBe(200);
  });

  it('a repeated idempotency key of a member returns the first message', async () => {
    const body = { to: ECHO, content: 'Once', idempotencyKey: 'the-same-key' };
    const first = await send(body);
    expect((await send(body)).body.id).toBe(first.body.id);
    const other = await signIn(broker, { role: 'member' });
    expect((await send(body, other)).body.id).not.toBe(first.body.id);
  });

  it('a scheduled message waits until its time and can be cancelled', async () => {
    const sendAt = Date.now() + 3_600_000;
    const { status, body } = await send({ to: ECHO, content: 'Later', sendAt });
    expect(status).toBe(201);
    expect(body).toMatchObject({ sendAt, wait: { reason: 'scheduled', until: sendAt } });
    const cancelled = await member.post(`/test/messages/${body.id}/cancel`);
    expect(cancelled).toMatchObject({
      status: 200,
      body: { status: 'failed', error: { code: 'cancelled' } },
    });
    expect((await send({ to: ECHO, content: 'Late', sendAt: Date.now() - 1_000 })).status).toBe(400);
  });

  it('a message that waits says why, also in its preview', async () => {
    const preview = await member.post('/live/messages/preview', { to: '+14155550100', content: 'Hi ☺' });
    expect(preview.body).toEqual({
      ...{ segments: 1, encoding: 'UCS-2', characters: 4, costCents: 0, error: null },
      wait: { reason: 'no_device', message: expect.any(String), until: null },
    });
    expect((await member.get('/live/conversations')).body.conversations).toEqual([]);
    const { body } = await send({ to: '+14155550100', content: 'Hi' }, member, 'live');
    expect(body.wait).toMatchObject({ reason: 'no_device' });
    const sendAt = Date.now() + 3_600_000;
    const later = await member.post('/live/messages/preview', { to: '+14155550100', content: '', sendAt });
    expect(later.body.wait).toMatchObject({ reason: 'scheduled', until: sendAt });
  });

  it('the preview of a message to a recipient who opted out says so', async () => {
    await besideBroker(broker, (store) =>
      store.transaction(async (tx) => {
        const tenant = await tx.accounts.list().then(([account]) => tx.accounts.tenant(account!.id, 'test'));
        await tx.suppressions.insert({
          ...{ tenantId: tenant!.id, handle: '+15005550010', reason: 'STOP', createdAt: 0 },
        });
      }),
    );
    const draft = { to: '+15005550010', content: 'Hello' };
    const { status, body } = await member.post('/test/messages/preview', draft);
    expect(status).toBe(200);
    expect(body).toMatchObject({ encoding: 'GSM-7', error: { code: 'recipient_suppressed' } });
    expect((await send(draft)).status).toBe(403);
  });

  it('send again sends the same content to the same recipient as a new message', async () => {
    const { body: first } = await send({ to: '+15005550020', content: 'Try' });
    await until('the failure', async () => {
      const { latest } = (await member.get(`/test/conversations/${first.conversationId}`)).body;
      return latest.status === 'failed';
    });
    const key = { idempotencyKey: idempotencyKey() };
    const again = await member.post(`/test/messages/${first.id}/send-again`, key);
    expect(again.status, again.text).toBe(201);
    expect(again.body).toMatchObject({ content: 'Try', conversationId: first.conversationId, error: null });
    expect(again.body.id).not.toBe(first.id);
    expect((await member.post(`/test/messages/${first.id}/send-again`, key)).body.id).toBe(again.body.id);
  });

  it.each([
    ['no recipient', { content: 'Hi' }, 'conversationId'],
    [
      'two recipients',
      { to: ECHO, conversationId: `conv_${'0'.repeat(26)}`, content: 'Hi' },
      'conversationId',
    ],
    ['an invalid recipient', { to: 'nobody', content: 'Hi' }, "'to' must be"],
    ['an empty text', { to: ECHO, content: ' ' }, "'content' must not be empty"],
    ['an unknown number', { to: ECHO, content: 'Hi', numberId: `num_${'0'.repeat(26)}` }, 'number'],
    [
      'an unknown attachment',
      { to: ECHO, content: 'Hi', uploadIds: [`med_${'0'.repeat(26)}`] },
      'attachment',
    ],
    ['a short key', { to: ECHO, content: 'Hi', idempotencyKey: 'short' }, 'idempotencyKey'],
  ])('POST /messages returns 400 for %s', async (_, body, words) => {
    const response = await send(body);
    expect(response.status, response.text).toBe(400);
    expect(response.body.error.message).toContain(words);
  });

  it('each sent message is in the audit log', async () => {
    const { body } = await send({ to: ECHO, content: 'Logged' });
    const changes = await besideBroker(broker, async (store) => {
      const [account] = await store.read.accounts.list();
      return store.read.memberChanges.list(account!.id, { limit: 1 });
    });
    expect(changes[0]).toMatchObject({
      ...{ action: 'message.sent', target: body.id, environment: 'test' },
      memberId: member.memberId.slice(4),
    });
  });

  it('a request whose session ends before its body arrives sends nothing', async () => {
    const gone = await signIn(broker, { role: 'member' });
    const { host, origin } = new URL(broker.url);
    const to = '+15005550012';
    const request = await openSlowRequest(broker.url, {
      ...{ method: 'POST', path: '/dashboard/api/test/messages', key: '' },
      body: { to, content: 'Hello', idempotencyKey: idempotencyKey() },
      headers: { cookie: gone.cookie, host, origin },
    });
    await gone.post('/sign-out');
    expect((await request.finish()).status).toBe(401);
    const { conversations } = (await member.get('/test/conversations')).body;
    expect(conversations.map(({ recipient }: { recipient: string }) => recipient)).not.toContain(to);
  });
});
