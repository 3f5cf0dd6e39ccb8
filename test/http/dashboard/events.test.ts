/** Tests the live stream of the dashboard over HTTP: messages, read marks, lists, other processes and sessions. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findTenant } from '../../../broker/core/accounts/accounts.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { type EventSource, openEventSource } from '../../support/event-source.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker, type Client, createClient } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const ECHO = '+15005550014';

interface Frame {
  all?: boolean;
  messages: Array<{ id: string; conversationId: string }>;
  groups: string[];
  topics: string[];
}

describe('the live stream of the dashboard', () => {
  let broker: RunningBroker;
  let owner: DashboardClient;
  let api: Client;
  const open: EventSource[] = [];

  const follow = async (client = owner, environment = 'test') => {
    const url = `${broker.url}/dashboard/api/${environment}/events`;
    const source = await openEventSource(url, '', { cookie: client.cookie });
    open.push(source);
    return { source, frames: () => source.events.map(({ data }) => data as Frame) };
  };
  const changed = (frames: readonly Frame[]) => frames.flatMap(({ messages = [] }) => messages);

  /** A transaction of the broker first detects the commits of other processes, such as those of `signIn`. */
  const noticeOtherProcess = () => api.post('/v1/messages/send', { to: '+15005550011', content: 'Hello' });

  beforeAll(async () => {
    broker = await startInProcess();
    owner = await signIn(broker);
    api = await createClient(broker);
    await noticeOtherProcess();
  });
  afterEach(() => {
    for (const source of open.splice(0)) source.close();
  });
  afterAll(() => broker?.dispose());

  it('a message that another client sends appears with its conversation, also when its status changes', async () => {
    const { source, frames } = await follow();
    expect(source.status).toBe(200);
    expect(source.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const { body } = await api.post('/v1/messages/send', { to: ECHO, content: 'Hello' });
    const first = await until('the message', () => changed(frames()).find(({ id }) => id === body.id));
    const { latest } = (await owner.get(`/test/conversations/${first.conversationId}`)).body;
    expect(latest).toMatchObject({ conversationId: first.conversationId });
    await until('the echo', () =>
      changed(frames()).some(
        ({ id, conversationId }) => id !== body.id && conversationId === first.conversationId,
      ),
    );
  });

  it('read marks and the lists that a member changes appear in the streams of the other members', async () => {
    const { conversations } = (await owner.get('/test/conversations?filter=unread')).body;
    const [{ id }] = conversations;
    const viewer = await signIn(broker, { role: 'viewer' });
    await noticeOtherProcess();
    const { frames } = await follow(viewer);
    await owner.post(`/test/conversations/${id}/read`, { isRead: true });
    await until('the read mark', () => changed(frames()).some(({ conversationId }) => conversationId === id));
    await until('the list', () => frames().some(({ topics = [] }) => topics.includes('conversations')));
  });

  it('a participant who leaves a group appears as a change of the group', async () => {
    const participants = ['+15005550010', '+15005550045'];
    const { id } = (await owner.post('/test/conversations', { participants })).body;
    const { frames } = await follow();
    await owner.post('/test/messages', {
      ...{ conversationId: id, content: 'Hello', idempotencyKey: 'to-a-group-1' },
    });
    const group = async () => (await owner.get(`/test/conversations/${id}`)).body;
    await until('the departure', async () => (await group()).participants.length === 1);
    await until('the change', () => frames().some(({ groups = [] }) => groups.includes(id)));
  });

  it('a change of the other environment does not appear', async () => {
    const { frames } = await follow(owner, 'live');
    const test = await follow();
    const { body } = await api.post('/v1/messages/send', { to: '+15005550010', content: 'Hello' });
    await until('the message', () => changed(test.frames()).find(({ id }) => id === body.id));
    expect(changed(frames())).toEqual([]);
  });

  it('a commit of another process says that anything may have changed', async () => {
    const { frames } = await follow();
    await besideBroker(broker, (store, { ids, now }) =>
      store.transaction(async (tx) => {
        const tenant = await findTenant(tx, 'default', 'test');
        const contact = { id: ids(), tenantId: tenant.id, handle: '+14155550123', name: 'Cleo', email: null };
        await tx.contacts.insert({ ...contact, customFields: {}, createdAt: now(), updatedAt: now() });
      }),
    );
    await until('the frame', () => frames().some(({ all }) => all === true));
  });

  it('a stream ends with its session', async () => {
    const member = await signIn(broker);
    const { source } = await follow(member);
    await member.post('/sign-out');
    await source.ended;
  });

  it('a member can open 10 streams; other members can still open one', async () => {
    const member = await signIn(broker);
    for (let count = 0; count < 10; count += 1) await follow(member);
    expect((await follow(member)).source.status).toBe(429);
    expect((await follow()).source.status).toBe(200);
    open[0]?.close();
    await until('a free stream', async () => (await follow(member)).source.status === 200);
  });

  it('a stream needs a session', async () => {
    const response = await fetch(`${broker.url}/dashboard/api/test/events`);
    expect(response.status).toBe(401);
  });
});

describe('the event stream of the dashboard', () => {
  let broker: RunningBroker;
  beforeAll(async () => {
    broker = await startInProcess();
  });
  afterAll(() => broker?.dispose());

  it('has the same events as the API, ends with the session, and continues after the last event', async () => {
    const viewer = await signIn(broker, { role: 'viewer' });
    const api = await createClient(broker);
    const path = '/dashboard/api/test/event-stream';
    const page = await openEventSource(`${broker.url}${path}`, '', { cookie: viewer.cookie });
    // The dashboard shows all types. The API sends others than those of messages only to clients that select them.
    const types = 'types=conversation.created,message.sent,message.delivered,message.received';
    const client = await openEventSource(`${broker.url}/v1/events?${types}`, api.key ?? '');
    expect([page.status, client.status]).toEqual([200, 200]);
    await api.post('/v1/messages/send', { to: ECHO, content: 'Hello' });
    const shown = () => page.events.map(({ event }) => event);
    await until('the answer', () => shown().includes('message.received'));
    await until('the same events', () => client.events.length >= page.events.length);
    expect(page.events).toEqual(client.events.slice(0, page.events.length));

    const [first, second] = page.events;
    page.close();
    const again = await openEventSource(`${broker.url}${path}`, '', {
      cookie: viewer.cookie,
      'last-event-id': first!.id,
    });
    await until('the second event', () => again.events.length > 0);
    expect(again.events[0]).toEqual(second);
    expect((await viewer.post('/sign-out', {})).status).toBe(204);
    await api.post('/v1/messages/send', { to: ECHO, content: 'Hello again' });
    await again.ended;
    client.close();
  });
});
