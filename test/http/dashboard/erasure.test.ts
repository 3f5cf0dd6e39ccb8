/** Tests the export and the erasure of a recipient's data by the dashboard. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, createClient } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const ECHO = '+15005550014';

let broker: RunningBroker;
let owner: DashboardClient;

beforeAll(async () => {
  broker = await startInProcess();
  owner = await signIn(broker);
});
afterAll(() => broker?.dispose());

const dataOf = (handle: string, client = owner) =>
  client.get(`/test/contact-data?handle=${encodeURIComponent(handle)}`);

it('a recipient is exported with all messages, erased, and unknown afterwards', async () => {
  const client = await createClient(broker);
  await owner.post('/test/contacts', { handle: ECHO, name: 'Echo' });
  await client.post('/v1/messages/send', { to: ECHO, content: 'Marco' });
  await client.post('/v1/messages/send', {
    ...{ to: ECHO, content: 'later' },
    send_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const exported = await until('the reply', async () => {
    const response = await dataOf(ECHO);
    return response.body.messages.some(({ direction }: { direction: string }) => direction === 'inbound')
      ? response
      : undefined;
  });
  expect(exported.headers.get('content-disposition')).toContain('contact-data.json');
  expect(exported.body).toMatchObject({ handle: ECHO, contact: { name: 'Echo' }, optOut: null });
  expect(exported.body.messages.map(({ content }: { content: string }) => content)).toEqual(
    expect.arrayContaining(['Marco', 'later']),
  );

  const erased = await owner.post('/test/erasures', { handle: ECHO });
  expect([erased.status, erased.body]).toEqual([202, { handle: ECHO, isDone: true }]);
  expect((await owner.get('/test/erasures')).body).toEqual({ erasures: [] });
  expect((await dataOf(ECHO)).status).toBe(404);
  expect((await owner.get('/test/conversations')).body.conversations).toEqual([]);
  expect((await client.get('/v1/messages')).body.messages).toEqual([]);
});

it('only an owner erases, and another account erases nothing of this one', async () => {
  await createAccount(broker, 'other');
  const stranger = await signIn(broker, { account: 'other' });
  const member = await signIn(broker, { role: 'member' });
  await owner.post('/test/contacts', { handle: '+14155550101', name: 'Ada' });
  expect((await member.post('/test/erasures', { handle: '+14155550101' })).status).toBe(403);
  expect((await stranger.post('/test/erasures', { handle: '+14155550101' })).status).toBe(202);
  expect((await dataOf('+14155550101', stranger)).status).toBe(404);
  expect((await dataOf('+14155550101')).body.contact.name).toBe('Ada');
});

it('POST /erasures returns 400 for a text that is no handle', async () => {
  const response = await owner.post('/test/erasures', { handle: 'everyone' });
  expect([response.status, response.body.error.param]).toEqual([400, 'handle']);
});
