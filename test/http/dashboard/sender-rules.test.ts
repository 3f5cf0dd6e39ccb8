/** Tests blocked senders and look-ups on the API of the dashboard. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker, createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';

const ANNA = '+14155550171';
const BEN = '+14155550172';

let broker: RunningBroker;
let member: DashboardClient;
let viewer: DashboardClient;
let foreigner: DashboardClient;
let line: PairedInbox;

beforeAll(async () => {
  broker = await startInProcess();
  member = await signIn(broker, { role: 'member' });
  viewer = await signIn(broker, { role: 'viewer' });
  await createAccount(broker, 'beta');
  foreigner = await signIn(broker, { account: 'beta' });
  line = await pairedInbox(broker, '+14155550100');
});
afterAll(() => broker?.dispose());

const rules = async (client = member) => (await client.get('/live/sender-rules')).body.senderRules;
const conversations = async () => (await member.get('/live/conversations')).body.conversations;
const remove = (handle: string, client = member) =>
  client.delete(`/live/sender-rules/${encodeURIComponent(handle)}`);

it('a blocked sender is listed with its contact, and its messages are not in the inbox', async () => {
  await line.receive({ from: ANNA, text: 'Before' });
  const contact = (await member.post('/live/contacts', { handle: ANNA, name: 'Anna Example' })).body;
  const response = await member.post('/live/sender-rules', { handle: '+1 415 555 0171', action: 'block' });
  expect(response).toMatchObject({
    status: 200,
    body: { handle: ANNA, action: 'block', contactId: contact.id, contactName: 'Anna Example' },
  });
  await line.receive({ from: ANNA, text: 'While blocked' });
  const [conversation] = await conversations();
  expect(conversation).toMatchObject({ recipient: ANNA, isBlocked: true, latest: { content: 'Before' } });
  expect((await member.get(`/live/contacts/${contact.id}`)).body.isBlocked).toBe(true);
  expect(await rules()).toEqual([response.body]);
  expect(await rules(foreigner)).toEqual([]);

  expect((await remove(ANNA)).status).toBe(204);
  await line.receive({ from: ANNA, text: 'After' });
  expect((await conversations())[0]).toMatchObject({ isBlocked: false, latest: { content: 'After' } });
  expect((await remove(ANNA)).status).toBe(404);
});

it('a rule is changed by setting it again, and each change is in the audit log', async () => {
  await member.post('/live/sender-rules', { handle: BEN, action: 'block' });
  await member.post('/live/sender-rules', { handle: BEN, action: 'allow' });
  expect(await rules()).toMatchObject([{ handle: BEN, action: 'allow' }]);
  await remove(BEN);
  const changes = await besideBroker(broker, async (store) => {
    const accounts = await store.read.accounts.list();
    return store.read.memberChanges.list(accounts.find(({ slug }) => slug === 'default')!.id, { limit: 3 });
  });
  expect(changes.map(({ action, target }) => [action, target])).toEqual([
    ['sender.rule_removed', BEN],
    ['sender.allowed', BEN],
    ['sender.blocked', BEN],
  ]);
});

it('the pages of the rules have each rule once', async () => {
  const handles = ['+14155550181', '+14155550182', '+14155550183'];
  for (const handle of handles) await member.post('/live/sender-rules', { handle, action: 'block' });
  const first = (await member.get('/live/sender-rules?limit=2')).body;
  expect(first.senderRules.map(({ handle }: { handle: string }) => handle)).toEqual(handles.slice(0, 2));
  const cursor = encodeURIComponent(first.next);
  const second = (await member.get(`/live/sender-rules?limit=2&cursor=${cursor}`)).body;
  expect(second).toMatchObject({ senderRules: [{ handle: handles[2] }], next: null });
  for (const handle of handles) await remove(handle);
});

it.each([
  ['an invalid handle', { handle: 'nobody', action: 'block' }],
  ['an unknown action', { handle: BEN, action: 'mute' }],
])('POST /sender-rules returns 400 for %s', async (_, body) => {
  expect((await member.post('/live/sender-rules', body)).status).toBe(400);
});

it('a viewer and another account cannot change the rules', async () => {
  await member.post('/live/sender-rules', { handle: BEN, action: 'block' });
  expect((await viewer.post('/live/sender-rules', { handle: BEN, action: 'allow' })).status).toBe(403);
  expect((await remove(BEN, viewer)).status).toBe(403);
  expect((await remove(BEN, foreigner)).status).toBe(404);
  expect(await rules(viewer)).toMatchObject([{ handle: BEN, action: 'block' }]);
});

it('the service of a handle is looked up, except for a viewer', async () => {
  const lookUp = (client: DashboardClient, handle: string) =>
    client.get(`/test/lookup?handle=${encodeURIComponent(handle)}`);
  expect((await lookUp(member, '+15005550016')).body).toEqual({
    ...{ handle: '+15005550016', service: 'sms', source: 'device', checkedAt: expect.any(Number) },
  });
  expect((await lookUp(member, '+15005550010')).body.service).toBe('imessage');
  expect((await lookUp(member, 'nobody')).status).toBe(400);
  expect((await lookUp(viewer, '+15005550010')).status).toBe(403);
});
