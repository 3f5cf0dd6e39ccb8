/** Tests the overview of the dashboard. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, createClient, pairDevice } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { hello, openSocket } from '../../support/raw-device.ts';
import { startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

let broker: RunningBroker;
let owner: DashboardClient;

beforeAll(async () => {
  broker = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  owner = await signIn(broker);
});
afterAll(() => broker?.dispose());

it('the overview of a new account is empty, with the checklist of the first run', async () => {
  const { status, body } = await owner.get('/live/overview');
  expect(status).toBe(200);
  const none = { sent: 0, delivered: 0, failed: 0, received: 0, p50Ms: null, p99Ms: null };
  expect(body).toEqual({
    ...{ range: '24h', periodMs: 3_600_000, from: expect.any(Number), until: body.from + 86_400_000 },
    devices: { online: 0, total: 0 },
    queue: { waiting: 0, deferred: 0, oldestAt: null },
    ...{ totals: none, precisionPercent: 19, failures: [], webhooks: [] },
    periods: Array.from({ length: 24 }, (_, hour) => ({ at: body.from + hour * 3_600_000, ...none })),
    checklist: { deviceIsPaired: false, hasSentMessage: false, hasCreatedKey: false, hasWebhook: false },
  });
  expect(body.until).toBeGreaterThan(Date.now());
  expect(body.until - 3_600_000).toBeLessThanOrEqual(Date.now());
});

it.each([
  ['7d', 28, 6],
  ['30d', 30, 24],
])('the range %s has %i periods of %i hours', async (range, count, hours) => {
  const { body } = await owner.get(`/live/overview?range=${range}`);
  expect([body.periods.length, body.periodMs]).toEqual([count, hours * 3_600_000]);
});

it('GET /overview returns 400 for an unknown range', async () => {
  const response = await owner.get('/live/overview?range=1y');
  expect([response.status, response.body.error.param]).toEqual([400, 'range']);
});

it('the overview shows devices, the queue, results, failures and webhooks with problems', async () => {
  const receiver = await startReceiver();
  receiver.respondWith((response) => void response.writeHead(410).end());
  const client = await createClient(broker, { environment: 'live' });
  const { token } = await pairDevice(broker, '+14155550199');
  const hook = { url: receiver.url, events: ['message.delivered'] };
  await owner.post('/live/webhooks', hook);
  const socket = await openSocket(broker.url, token);
  socket.say(hello());
  await socket.next('welcome');
  const send = (to: string) => client.post('/v1/messages/send', { to, content: 'Hi' });
  await send('+14155550101');
  await send('+14155550102');
  const report = async (state: string, more = {}) => {
    const { items } = await socket.next('deliver');
    const reports = items.map(({ message, lease }: { message: string; lease: string }) => ({
      ...{ message, lease, state },
      ...more,
    }));
    socket.say({ type: 'report', seq: Math.floor(performance.now()), items: reports });
    await socket.next('ack');
    return items.length as number;
  };
  let delivered = 0;
  while (delivered < 2) delivered += await report('delivered');
  await send('+14155550103');
  await report('failed', { error: { code: 'not_on_imessage', message: '' } });
  socket.terminate();
  await until('the disconnect', async () => (await owner.get('/live/overview')).body.devices.online === 0);
  await send('+14155550104');
  const body = await until('the problem of the webhook', async () => {
    const { body } = await owner.get('/live/overview');
    return body.webhooks.length > 0 && body.totals.failed > 0 ? body : undefined;
  });
  expect(body).toMatchObject({
    devices: { online: 0, total: 1 },
    queue: { waiting: 1, deferred: 0, oldestAt: expect.any(Number) },
    totals: { sent: 2, delivered: 2, failed: 1, received: 0, p50Ms: expect.any(Number) },
    failures: [{ code: 'not_on_imessage', count: 1, message: expect.stringContaining('iMessage') }],
    webhooks: [{ url: receiver.url, isActive: false, problem: { code: 'disabled' } }],
    checklist: { deviceIsPaired: true, hasSentMessage: true, hasCreatedKey: true, hasWebhook: true },
  });
  const month = (await owner.get('/live/overview?range=30d')).body;
  expect(month.totals).toEqual(body.totals);
  expect(month.periods.at(-1)).toMatchObject({ sent: 2, failed: 1 });
  await receiver.close();

  await createAccount(broker, 'other');
  const stranger = await signIn(broker, { account: 'other', role: 'viewer' });
  expect((await stranger.get('/live/overview')).body).toMatchObject({
    devices: { total: 0 },
    totals: { sent: 0, failed: 0 },
    queue: { waiting: 0 },
  });
});
