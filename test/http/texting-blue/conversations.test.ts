/** Tests conversations and groups on /v1, with the recipients of the sandbox. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { type Client, createAccount, createClient, expectError } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { ROOMY, writePlans } from '../../support/plans-file.ts';
import { until } from '../../support/until.ts';

const OWN = '+15005550006';
const ECHO = '+15005550014';
const PLAIN = '+15005550010';
const READER = '+15005550015';
const UNKNOWN = 'conv_01m7ypkdxffkmb6tyeck3vccad';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

let homing: RunningBroker;
let client: Client;
let stranger: Client;

beforeAll(async () => {
  homing = await startInProcess({ HOMING_PLANS_FILE: writePlans({ roomy: ROOMY }) });
  await createAccount(homing, 'stranger', 'roomy');
  stranger = await createClient(homing, { account: 'stranger' });
});
afterAll(() => homing?.dispose());

let accounts = 0;
/** A new account for each test, so that lists contain only its messages. */
async function newAccount(): Promise<void> {
  const account = `conversations-${++accounts}`;
  await createAccount(homing, account, 'roomy');
  client = await createClient(homing, { account });
}

const send = async (body: object) => {
  const sent = await client.post('/v1/messages/send', { content: 'Hi', ...body });
  expect(sent.status, sent.text).toBe(202);
  return sent.body;
};
const get = async (path: string) => (await client.get(path)).body;
const delivered = (id: string) =>
  until(`${id} to be delivered`, async () => {
    const message = await get(`/v1/messages/${id}`);
    return message.status === 'delivered' ? message : undefined;
  });
const create = async (body: object = {}) => {
  const created = await client.post('/v1/conversations', {
    ...{ phone_number: OWN, participants: [ECHO, PLAIN], name: 'Friday', ...body },
  });
  expect(created.status, created.text).toBe(201);
  return created.body;
};
const patch = (id: string, name: unknown) =>
  client.request('PATCH', `/v1/conversations/${id}`, { body: { name } });

describe('GET /v1/conversations', () => {
  beforeAll(newAccount);

  it('lists conversations with their latest message, latest activity first', async () => {
    expect(await get('/v1/conversations')).toEqual({ conversations: [], cursor: null, has_more: false });
    const first = await delivered((await send({ to: PLAIN })).id);
    const second = await delivered((await send({ to: ECHO, content: 'Anyone?' })).id);
    const listed = await until('the echo', async () => {
      const page = await get('/v1/conversations');
      return page.conversations[0].total_count === 2 ? page : undefined;
    });
    const latest = (await get(`/v1/conversations/${second.conversation_id}/messages`)).messages[0];
    expect(listed).toEqual({
      conversations: [
        {
          ...{
            id: second.conversation_id,
            phone_number: OWN,
            is_group: false,
            name: null,
            participants: [ECHO],
          },
          ...{ latest_message: latest, unread_count: 1, total_count: 2, created_at: TIME, updated_at: TIME },
        },
        {
          ...{
            id: first.conversation_id,
            phone_number: OWN,
            is_group: false,
            name: null,
            participants: [PLAIN],
          },
          ...{ unread_count: 0, total_count: 1, created_at: TIME, updated_at: TIME },
          latest_message: expect.objectContaining({ id: first.id, content: 'Hi' }),
        },
      ],
      ...{ cursor: null, has_more: false },
    });
    expect(latest).toMatchObject({ content: 'echo: Anyone?', direction: 'inbound' });
  });

  it('pages by cursor, and filters by number and unread messages', async () => {
    const one = await get('/v1/conversations?limit=1');
    expect([one.conversations.length, one.has_more]).toEqual([1, true]);
    const two = await get(`/v1/conversations?limit=1&cursor=${one.cursor}`);
    expect(two).toMatchObject({ cursor: null, has_more: false });
    expect(two.conversations[0].id).not.toBe(one.conversations[0].id);
    const unread = await get('/v1/conversations?unread=true');
    expect(unread.conversations.map(({ id }: { id: string }) => id)).toEqual([one.conversations[0].id]);
    expect(
      (await get(`/v1/conversations?phone_number=${encodeURIComponent(OWN)}`)).conversations,
    ).toHaveLength(2);
    const other = await client.get('/v1/conversations?phone_number=%2B15005550007');
    expectError(other, 400, 'invalid_request', 'phone_number');
    expectError(await client.get('/v1/conversations?limit=101'), 400, 'invalid_request', 'limit');
    expectError(await client.get('/v1/conversations?cursor=x'), 400, 'invalid_request', 'cursor');
    expectError(await client.get('/v1/conversations?unread=maybe'), 400, 'invalid_request', 'unread');
  });

  it('POST /read marks the messages as read', async () => {
    const [{ id }] = (await get('/v1/conversations?unread=true')).conversations;
    const marked = await client.post(`/v1/conversations/${id}/read`, {});
    expect([marked.status, marked.text]).toEqual([204, '']);
    expect((await get(`/v1/conversations/${id}`)).unread_count).toBe(0);
    expect((await get('/v1/conversations?unread=true')).conversations).toEqual([]);
  });

  it('POST /typing is accepted, and rejects other states', async () => {
    const [{ id }] = (await get('/v1/conversations')).conversations;
    for (const state of ['start', 'stop']) {
      expect((await client.post(`/v1/conversations/${id}/typing`, { state })).status).toBe(202);
    }
    const wrong = await client.post(`/v1/conversations/${id}/typing`, { state: 'pause' });
    expectError(wrong, 400, 'invalid_request', 'state');
  });

  it('returns 404 for unknown conversations and those of other accounts', async () => {
    const [{ id }] = (await get('/v1/conversations')).conversations;
    const operations = [
      ['GET', '', undefined],
      ['GET', '/messages', undefined],
      ['POST', '/read', {}],
      ['POST', '/typing', { state: 'start' }],
      ['PATCH', '', { name: 'x' }],
      ['POST', '/participants', { handle: PLAIN }],
      ['DELETE', `/participants/${encodeURIComponent(PLAIN)}`, undefined],
      ['POST', '/leave', {}],
    ] as const;
    for (const [method, path, body] of operations) {
      for (const [who, conversation] of [
        [client, UNKNOWN],
        [client, 'x'],
        [stranger, id],
      ] as const) {
        const response = await who.request(method, `/v1/conversations/${conversation}${path}`, { body });
        expectError(response, 404, 'not_found');
      }
    }
  });
});

describe('a group', () => {
  beforeAll(newAccount);

  it('is created without a message, and exists in Messages after the first one', async () => {
    const group = await create();
    expect(group).toEqual({
      ...{ id: expect.stringMatching(/^conv_/), phone_number: OWN, is_group: true, name: 'Friday' },
      ...{ participants: [PLAIN, ECHO], latest_message: null, unread_count: 0, total_count: 0 },
      ...{ created_at: TIME, updated_at: TIME },
    });
    expect(await get(`/v1/conversations/${group.id}`)).toEqual({
      ...group,
      changes: [{ kind: 'created', actor: OWN, value: 'Friday', at: TIME }],
    });
    const sent = await send({ conversation_id: group.id });
    expect(Object.entries(sent)).toEqual([
      ['id', sent.id],
      ...Object.entries({ status: 'queued', to: null, from: OWN, content: 'Hi', media_url: null }),
      ['created_at', sent.created_at],
      ...Object.entries({ conversation_id: group.id, is_group: true, participants: [PLAIN, ECHO] }),
    ]);
    const message = await delivered(sent.id);
    expect(message).toMatchObject({
      ...{ to: null, from: OWN, conversation_id: group.id, is_group: true, sender: null },
      participants: [PLAIN, ECHO],
    });
    const [answer] = await until('the echo', async () => {
      const { messages } = await get(`/v1/conversations/${group.id}/messages`);
      return messages.length === 2 ? messages : undefined;
    });
    expect(answer).toMatchObject({
      ...{ from: ECHO, to: OWN, sender: ECHO, is_group: true, conversation_id: group.id },
      ...{ content: 'echo: Hi', participants: [PLAIN, ECHO] },
    });
    const { conversations } = await get('/v1/conversations');
    expect(conversations).toHaveLength(1);
    expect(conversations[0]).toMatchObject({ id: group.id, name: 'Friday', total_count: 2, unread_count: 1 });
  });

  it('is selected by its participants in any order', async () => {
    const first = await send({ to: [READER, PLAIN] });
    const second = await send({ to: [PLAIN, READER, PLAIN] });
    expect(second.conversation_id).toBe(first.conversation_id);
    const third = await send({ to: [PLAIN, READER, ECHO] });
    expect(third.conversation_id).not.toBe(first.conversation_id);
  });

  it('changes its name and participants at once before its first message', async () => {
    const group = await create({ participants: [PLAIN, READER, '+15005550011'] });
    const renamed = await patch(group.id, 'Saturday');
    expect([renamed.status, renamed.body.name]).toEqual([200, 'Saturday']);
    const path = `/v1/conversations/${group.id}/participants`;
    expect((await client.post(path, { handle: ECHO })).body.participants).toContain(ECHO);
    expect((await client.delete(`${path}/${encodeURIComponent(READER)}`)).body.participants).not.toContain(
      READER,
    );
    const { changes } = await get(`/v1/conversations/${group.id}`);
    const shown = changes.map(({ kind, value }: { kind: string; value: string }) => [kind, value]);
    expect(shown).toEqual([
      ...[
        ['left', READER],
        ['joined', ECHO],
      ],
      ...[
        ['named', 'Saturday'],
        ['created', 'Friday'],
      ],
    ]);
  });

  it('queues changes after its first message', async () => {
    const { conversation_id: id, id: message } = await send({ to: [PLAIN, READER, '+15005550012'] });
    await delivered(message);
    const renamed = await patch(id, 'Trip');
    expect([renamed.status, renamed.body.kind, renamed.body.value]).toEqual([202, 'rename_group', 'Trip']);
    expect(renamed.body).toMatchObject({ message_id: null, conversation_id: id });
    const path = `/v1/conversations/${id}/participants`;
    expect((await client.post(path, { handle: ECHO })).status).toBe(202);
    expect((await client.delete(`${path}/${encodeURIComponent(READER)}`)).status).toBe(202);
    const group = await until('the changes', async () => {
      const found = await get(`/v1/conversations/${id}`);
      return found.changes.length === 4 ? found : undefined;
    });
    expect(group.name).toBe('Trip');
    expect(group.participants).toEqual([PLAIN, '+15005550012', ECHO]);
    expectError(await client.post(path, { handle: ECHO }), 409, 'conflict');
    expectError(await client.delete(`${path}/${encodeURIComponent(READER)}`), 404, 'not_found');
    const left = await client.post(`/v1/conversations/${id}/leave`, {});
    expect(left.status, left.text).toBe(202);
    expect(left.headers.get('location')).toBe(`/v1/actions/${left.body.id}`);
    await until('the departure', async () => {
      const sent = await client.post('/v1/messages/send', { conversation_id: id, content: 'x' });
      return sent.status === 409 || undefined;
    });
    expectError(await patch(id, 'x'), 409, 'conflict');
  });

  it('follows participants that leave and rename it', async () => {
    const { conversation_id: id } = await send({ to: [PLAIN, '+15005550045', '+15005550046'] });
    const group = await until('both changes', async () => {
      const found = await get(`/v1/conversations/${id}`);
      return found.changes.length === 3 ? found : undefined;
    });
    expect(group).toMatchObject({ name: 'Renamed by +15005550046', participants: [PLAIN, '+15005550046'] });
  });

  it('has at most 31 participants, and never its own number', async () => {
    const handles = Array.from({ length: 31 }, (_, index) => `+150055501${String(index).padStart(2, '0')}`);
    const created = await create({ participants: handles });
    const { conversation_id: id, id: message } = await send({ to: handles.with(0, PLAIN) });
    await delivered(message);
    for (const group of [created.id, id]) {
      const path = `/v1/conversations/${group}/participants`;
      expectError(await client.post(path, { handle: ECHO }), 400, 'invalid_request', 'handle');
      expectError(await client.post(path, { handle: OWN }), 400, 'invalid_request', 'handle');
    }
    const path = `/v1/conversations/${created.id}/participants`;
    expect((await client.delete(`${path}/${encodeURIComponent('+15005550100')}`)).status).toBe(200);
    expect((await client.post(path, { handle: ECHO })).body.participants).toHaveLength(31);
  });

  it('rejects invalid groups', async () => {
    const body = { phone_number: OWN, participants: [PLAIN, ECHO] };
    const post = (change: object) => client.post('/v1/conversations', { ...body, ...change });
    expectError(await post({ participants: [PLAIN] }), 400, 'invalid_request', 'participants');
    expectError(await post({ participants: [PLAIN, PLAIN] }), 400, 'invalid_request', 'participants');
    expectError(await post({ participants: [PLAIN, OWN] }), 400, 'invalid_request', 'participants');
    expectError(await post({ participants: [PLAIN, 'x'] }), 400, 'invalid_request', 'participants.1');
    expectError(await post({ name: '' }), 400, 'invalid_request', 'name');
    expectError(await post({ name: 'x'.repeat(101) }), 400, 'invalid_request', 'name');
    expectError(await post({ phone_number: 'x' }), 400, 'invalid_request', 'phone_number');
    for (const phone_number of ['+15005550031', '+15005550032']) {
      const rejected = await post({ phone_number });
      expectError(rejected, 400, 'invalid_request', 'phone_number');
      expect(rejected.body.error.message).toMatch(/^The 'phone_number' number /);
    }
    const withOwn = await client.post('/v1/messages/send', { to: [PLAIN, OWN], content: 'Hi' });
    expectError(withOwn, 400, 'invalid_request', 'to');
  });

  it('STOP of a participant in a group is no opt-out from direct messages', async () => {
    const { id } = await send({ to: [ECHO, PLAIN, '+15005550016'], content: 'STOP' });
    await delivered(id);
    await until('the echo of the group', async () => {
      const { body } = await client.get('/v1/messages?direction=inbound');
      return body.messages.some((one: { content: string }) => one.content === 'echo: STOP') || undefined;
    });
    await send({ to: ECHO, content: 'Still here?' });
    expect(Object.values(await get('/v1/opt-outs'))[0]).toEqual([]);
  });

  it('sends nothing to a group with a participant that has opted out', async () => {
    expect((await client.post('/v1/opt-outs', { recipient: READER })).status).toBe(201);
    const sent = await client.post('/v1/messages/send', { to: [READER, PLAIN], content: 'Hi' });
    expectError(sent, 403, 'recipient_suppressed', 'to');
    const created = await client.post('/v1/conversations', {
      ...{ phone_number: OWN, participants: [READER, PLAIN] },
    });
    expectError(created, 403, 'recipient_suppressed', 'participants');
  });
});
