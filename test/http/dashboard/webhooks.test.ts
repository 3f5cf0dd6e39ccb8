/** Tests the webhooks of the dashboard: their settings, deliveries and replays. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, createClient } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

let broker: RunningBroker;
let receiver: Receiver;
let owner: DashboardClient;
let stranger: DashboardClient;

beforeAll(async () => {
  broker = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  receiver = await startReceiver();
  await createAccount(broker, 'other');
  owner = await signIn(broker);
  stranger = await signIn(broker, { account: 'other' });
});
afterAll(async () => {
  await receiver?.close();
  await broker?.dispose();
});

const create = async (path: string, events = ['message.sent']) =>
  (await owner.post('/test/webhooks', { url: receiver.url + path, events })).body;

/** Waits for a delivery with the status. */
const deliveryOf = (id: string, status: string) =>
  until(`a delivery with the status ${status}`, async () => {
    const { body } = await owner.get(`/test/webhooks/${id}/deliveries?status=${status}`);
    return body.deliveries[0];
  });

describe('webhooks', () => {
  it('are created with a secret, changed, disabled, rotated and deleted', async () => {
    const created = await create('/a');
    expect(created).toEqual({
      ...{ id: expect.stringMatching(/^wh_/), dialect: 'texting-blue', name: null, url: `${receiver.url}/a` },
      ...{ events: ['message.sent'], numberId: null, phoneNumber: null, isActive: true },
      ...{ consecutiveFailures: 0, previousSecretUntil: null, problem: null },
      ...{ createdAt: expect.any(Number), updatedAt: expect.any(Number) },
      secret: expect.stringMatching(/^whsec_/),
    });
    const { secret, ...shown } = created;
    expect((await owner.get(`/test/webhooks/${created.id}`)).body).toEqual(shown);

    const changed = await owner.patch(`/test/webhooks/${created.id}`, {
      events: ['message.failed'],
      isActive: false,
    });
    expect(changed.body).toMatchObject({ events: ['message.failed'], isActive: false, url: shown.url });

    const rotated = await owner.post(`/test/webhooks/${created.id}/rotate-secret`, { overlapHours: 1 });
    expect(rotated.body.secret).toMatch(/^whsec_/);
    expect(rotated.body.secret).not.toBe(secret);
    expect(rotated.body.previousSecretUntil).toBeGreaterThan(Date.now());

    expect((await owner.delete(`/test/webhooks/${created.id}`)).status).toBe(204);
    expect((await owner.get(`/test/webhooks/${created.id}`)).status).toBe(404);
  });

  it('of all APIs are listed, each with the events that it can receive', async () => {
    const client = await createClient(broker);
    const request = { url: `${receiver.url}/textree`, events: ['conversation.created'] };
    await client.post('/api/v1/webhooks', request, { authorization: `Bearer ${client.key}` });
    const { body } = await owner.get('/test/webhooks');
    const textree = body.webhooks.find((one: { dialect: string }) => one.dialect === 'textree');
    expect(textree).toMatchObject(request);
    expect(body.events['texting-blue']).toContain('message.received');
    const wrong = await owner.patch(`/test/webhooks/${textree.id}`, { events: ['opt_in.created'] });
    expect([wrong.status, wrong.body.error.param]).toEqual([400, 'events']);
    const changed = await owner.patch(`/test/webhooks/${textree.id}`, { events: ['opt_out.created'] });
    expect(changed.body.events).toEqual(['opt_out.created']);
    expect((await owner.delete(`/test/webhooks/${textree.id}`)).status).toBe(204);
  });

  it.each([
    ['url', { url: 'ftp://x', events: ['message.sent'] }],
    ['events', { url: 'https://example.com', events: [] }],
    ['numberId', { url: 'https://example.com', events: ['message.sent'], numberId: 'num_x' }],
  ])('POST /webhooks returns 400 for an invalid %s', async (param, body) => {
    const response = await owner.post('/test/webhooks', body);
    expect([response.status, response.body.error.param]).toEqual([400, param]);
  });

  it('of another account are unknown, and a member cannot change them', async () => {
    const { id } = await create('/isolated');
    await owner.post(`/test/webhooks/${id}/test`);
    const { id: delivery } = await deliveryOf(id, 'delivered');
    const member = await signIn(broker, { role: 'member' });
    expect((await member.delete(`/test/webhooks/${id}`)).status).toBe(403);
    const responses = [
      await stranger.get(`/test/webhooks/${id}`),
      await stranger.patch(`/test/webhooks/${id}`, { isActive: false }),
      await stranger.delete(`/test/webhooks/${id}`),
      await stranger.post(`/test/webhooks/${id}/test`),
      await stranger.post(`/test/webhooks/${id}/rotate-secret`, {}),
      await stranger.post(`/test/webhooks/${id}/replay`, { since: 0 }),
      await stranger.get(`/test/webhooks/${id}/deliveries`),
      await stranger.get(`/test/webhooks/${id}/deliveries/${delivery}`),
      await stranger.post(`/test/webhooks/${id}/deliveries/${delivery}/replay`),
      await owner.get(`/live/webhooks/${id}`),
    ];
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 404));
    expect((await owner.get(`/test/webhooks/${id}`)).body.isActive).toBe(true);
    const other = await create('/other');
    expect((await owner.get(`/test/webhooks/${other.id}/deliveries/${delivery}`)).status).toBe(404);
  });
});

describe('deliveries', () => {
  it('of a test event show the request without its signature, and all attempts', async () => {
    const { id } = await create('/test-event', ['message.received']);
    const queued = await owner.post(`/test/webhooks/${id}/test`);
    expect(queued.body).toMatchObject({ status: 'pending', type: 'message.received', latestAttempt: null });
    const one = await deliveryOf(id, 'delivered');
    expect(one).toMatchObject({
      ...{ id: queued.body.id, attempts: 1, nextAttemptAt: null },
      latestAttempt: { statusCode: 200, answer: 'ok' },
    });
    const { body } = await owner.get(`/test/webhooks/${id}/deliveries/${one.id}`);
    expect(body).toMatchObject({ delivery: one, history: [one.latestAttempt] });
    const received = receiver.received.find(({ path }) => path === '/hook/test-event');
    expect(body.request).toMatchObject({ method: 'POST', url: `${receiver.url}/test-event` });
    expect(body.request.body).toBe(received?.raw);
    expect(body.request.headers).toMatchObject({
      'webhook-id': one.eventId,
      'webhook-signature': '…',
      'x-textingblue-signature': '…',
    });
  });

  it('can be listed by status in pages, and replayed one by one or by range', async () => {
    const { id } = await create('/failing', ['message.sent']);
    receiver.respondWith((response, { path }) =>
      response.writeHead(path === '/hook/failing' ? 410 : 200).end('no'),
    );
    const client = await createClient(broker);
    const since = Date.now() - 60_000;
    await client.post('/v1/messages/send', { to: '+15005550010', content: 'one' });
    const failed = await deliveryOf(id, 'failed');
    expect(failed.latestAttempt).toMatchObject({ statusCode: 410, answer: 'no' });
    const problem = (await owner.get(`/test/webhooks/${id}`)).body;
    expect(problem).toMatchObject({ isActive: false, problem: { code: 'disabled' } });

    receiver.respondWith((response) => void response.writeHead(200).end('ok'));
    await owner.patch(`/test/webhooks/${id}`, { isActive: true });
    const range = await owner.post(`/test/webhooks/${id}/replay`, { since });
    expect([range.status, range.body]).toEqual([202, { replayed: 1, next: null }]);
    await deliveryOf(id, 'delivered');
    const replayed = await owner.post(`/test/webhooks/${id}/deliveries/${failed.id}/replay`);
    expect(replayed.body).toMatchObject({ eventId: failed.eventId, isReplay: true, status: 'pending' });
    await until('both replays', async () => {
      const { body } = await owner.get(`/test/webhooks/${id}/deliveries?status=delivered`);
      return body.deliveries.length === 2;
    });
    const { body: first } = await owner.get(`/test/webhooks/${id}/deliveries?limit=2`);
    const { body: second } = await owner.get(`/test/webhooks/${id}/deliveries?limit=2&cursor=${first.next}`);
    expect([...first.deliveries, ...second.deliveries].map(({ status }) => status)).toEqual([
      'delivered',
      'delivered',
      'failed',
    ]);
    expect(second.next).toBeNull();
    const page = await owner.get(`/test/webhooks/${id}/deliveries?status=delivered&limit=1`);
    expect(page.body.next).toBe(page.body.deliveries[0].id);
  });

  it.each([
    ['status', '/deliveries?status=lost'],
    ['cursor', '/deliveries?cursor=x'],
    ['limit', '/deliveries?limit=0'],
  ])('GET returns 400 for an invalid %s', async (param, path) => {
    const { id } = await create(`/invalid-${param}`);
    const response = await owner.get(`/test/webhooks/${id}${path}`);
    expect([response.status, response.body.error.param]).toEqual([400, param]);
  });
});
