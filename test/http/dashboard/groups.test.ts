/** Tests groups on the API of the dashboard: creating, writing, renaming, participants, and their changes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker, createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const ADA = '+15005550010';
const BEN = '+15005550015';
const ECHO = '+15005550014';
const LEAVES = '+15005550045';

let broker: RunningBroker;
let member: DashboardClient;
let viewer: DashboardClient;
let foreigner: DashboardClient;
let keys = 0;

beforeAll(async () => {
  broker = await startInProcess();
  member = await signIn(broker, { role: 'member' });
  viewer = await signIn(broker, { role: 'viewer' });
  await createAccount(broker, 'beta');
  foreigner = await signIn(broker, { account: 'beta' });
  await member.post('/test/contacts', { handle: ADA, name: 'Ada Example' });
});
afterAll(() => broker?.dispose());

const base = '/test/conversations';
const create = async (participants: string[], name?: string) => {
  const response = await member.post(base, { participants, ...(name === undefined ? {} : { name }) });
  expect(response.status, response.text).toBe(201);
  return response.body;
};
const send = (conversationId: string, content = 'Hello all', client = member) =>
  client.post('/test/messages', { conversationId, content, idempotencyKey: `group-key-${keys++}` });
const read = async (id: string) => (await member.get(`${base}/${id}`)).body;
const changesOf = async (id: string) => (await member.get(`${base}/${id}/changes`)).body.changes;
const handlesOf = ({ participants }: { participants: Array<{ handle: string }> }) =>
  participants.map(({ handle }) => handle);
const delivered = async (id: string) => {
  await send(id);
  await until('the delivery', async () => (await read(id)).latest?.status === 'delivered');
};
const actionsLogged = () =>
  besideBroker(broker, async (store) => {
    const accounts = await store.read.accounts.list();
    const own = accounts.find(({ slug }) => slug === 'default');
    const changes = await store.read.memberChanges.list(own!.id, { limit: 20 });
    return changes.map(({ action }) => action).filter((action) => action.startsWith('group.'));
  });

it('a group has its name and the names of its participants, and receives messages', async () => {
  const group = await create([ADA, ECHO], 'Friday');
  expect(group).toMatchObject({
    ...{ id: expect.stringMatching(/^conv_/), isGroup: true, name: 'Friday', latest: null, leftAt: null },
    ...{ contactId: null, contactName: null, isOptedOut: false },
    capabilities: expect.arrayContaining(['groups', 'group_management', 'reactions', 'edit', 'unsend']),
    participants: [
      { handle: ADA, contactId: expect.any(String), contactName: 'Ada Example', isOptedOut: false },
      { handle: ECHO, contactId: null, contactName: null, isOptedOut: false },
    ],
  });
  const preview = await member.post('/test/messages/preview', { conversationId: group.id, content: 'Hi' });
  expect(preview.body).toMatchObject({ error: null, wait: null });
  const sent = await send(group.id);
  expect(sent.status, sent.text).toBe(201);
  expect(sent.body).toMatchObject({
    ...{ conversationId: group.id, isGroup: true, senderName: null },
    group: { name: 'Friday', participantCount: 2 },
  });
  const echo = await until('the echo', async () => {
    const { messages } = (await member.get(`${base}/${group.id}/messages`)).body;
    return messages.find(({ direction }: { direction: string }) => direction === 'inbound');
  });
  expect(echo).toMatchObject({ handle: ECHO, content: 'echo: Hello all', senderName: null });
  const { conversations } = (await member.get(`${base}?filter=groups`)).body;
  expect(conversations[0]).toMatchObject({ id: group.id, name: 'Friday' });
  const again = await member.post(`/test/messages/${sent.body.id}/send-again`, {
    idempotencyKey: 'group-again-1',
  });
  expect(again.body).toMatchObject({ conversationId: group.id, content: 'Hello all' });
});

it('a group without a message is changed at once', async () => {
  const { id } = await create([ADA, BEN]);
  const renamed = await member.patch(`${base}/${id}`, { name: ' Saturday ' });
  expect(renamed).toMatchObject({ status: 202, body: { action: null } });
  expect((await member.post(`${base}/${id}/participants`, { handle: '+1 (500) 555-0014' })).body).toEqual({
    action: null,
  });
  expect(await read(id)).toMatchObject({ name: 'Saturday' });
  expect(handlesOf(await read(id))).toEqual([ADA, ECHO, BEN]);
  expect((await changesOf(id)).map(({ kind }: { kind: string }) => kind)).toEqual(
    expect.arrayContaining(['joined', 'named']),
  );
});

it('the changes of a group are queued, carried out and listed with their times', async () => {
  const { id, ownNumber } = await create([ADA, BEN], 'Before');
  await delivered(id);
  const renamed = await member.patch(`${base}/${id}`, { name: 'After' });
  expect(renamed.body.action).toMatchObject({
    ...{ kind: 'rename_group', value: 'After', status: 'queued', messageId: null, conversationId: id },
  });
  await until('the new name', async () => (await read(id)).name === 'After');
  await member.post(`${base}/${id}/participants`, { handle: ECHO });
  await until('the participant', async () => handlesOf(await read(id)).includes(ECHO));
  await member.delete(`${base}/${id}/participants/${encodeURIComponent(ADA)}`);
  await until('the removal', async () => !handlesOf(await read(id)).includes(ADA));
  await member.post(`${base}/${id}/leave`);
  await until('the departure', async () => (await read(id)).leftAt !== null);
  const changes = await changesOf(id);
  const at = expect.any(Number);
  const own = { actor: ownNumber, actorName: null, at };
  expect(changes.filter(({ kind }: { kind: string }) => kind !== 'created')).toEqual([
    { ...own, kind: 'left', value: ownNumber, valueName: null },
    { ...own, kind: 'left', value: ADA, valueName: 'Ada Example' },
    { ...own, kind: 'joined', value: ECHO, valueName: null },
    { ...own, kind: 'named', value: 'After', valueName: null },
  ]);
  expect((await send(id)).status).toBe(409);
  expect((await actionsLogged()).slice(0, 5)).toEqual([
    ...['group.left', 'group.participant_removed', 'group.participant_added', 'group.renamed'],
    'group.created',
  ]);
});

it('a participant who leaves is listed as a change', async () => {
  const { id } = await create([ADA, LEAVES]);
  await delivered(id);
  await until('the departure', async () => !handlesOf(await read(id)).includes(LEAVES));
  expect((await changesOf(id))[0]).toMatchObject({ kind: 'left', value: LEAVES });
});

it('a participant who opted out ends messages to the group, and the preview says so', async () => {
  const { id } = await create([BEN, '+15005550011']);
  await member.post('/test/opt-outs', { handle: '+15005550011' });
  const group = await read(id);
  expect(group.isOptedOut).toBe(true);
  expect(group.participants.map(({ isOptedOut }: { isOptedOut: boolean }) => isOptedOut)).toEqual([
    true,
    false,
  ]);
  const preview = await member.post('/test/messages/preview', { conversationId: id, content: 'Hi' });
  expect(preview.body.error).toMatchObject({ code: 'recipient_suppressed' });
  expect((await send(id)).status).toBe(403);
});

it.each([
  ['one participant', { participants: [ADA, ADA] }, '2 to 31'],
  ['an invalid handle', { participants: [ADA, 'nobody'] }, 'participants'],
  ['a long name', { participants: [ADA, BEN], name: 'x'.repeat(101) }, "'name' must be at most"],
  ['an unknown number', { participants: [ADA, BEN], numberId: `num_${'0'.repeat(26)}` }, 'number'],
])('POST /conversations returns 400 for %s', async (_, body, words) => {
  const response = await member.post(base, body);
  expect(response.status, response.text).toBe(400);
  expect(response.body.error.message).toContain(words);
});

it('a viewer and another account cannot change a group', async () => {
  const { id } = await create([ADA, BEN], 'Untouched');
  const requests: Array<[string, string, unknown?]> = [
    ['PATCH', `${base}/${id}`, { name: 'Changed' }],
    ['POST', `${base}/${id}/participants`, { handle: ECHO }],
    ['DELETE', `${base}/${id}/participants/${encodeURIComponent(ADA)}`],
    ['POST', `${base}/${id}/leave`],
  ];
  for (const [method, path, body] of requests) {
    const options = body === undefined ? {} : { body };
    expect((await viewer.request(method, path, options)).status, `viewer: ${method} ${path}`).toBe(403);
    expect((await foreigner.request(method, path, options)).status, `${method} ${path}`).toBe(404);
  }
  expect((await viewer.post(base, { participants: [ADA, BEN] })).status).toBe(403);
  expect((await foreigner.get(`${base}/${id}/changes`)).status).toBe(404);
  expect((await send(id, 'Hi', foreigner)).status).toBe(404);
  expect(await read(id)).toMatchObject({ name: 'Untouched' });
});
