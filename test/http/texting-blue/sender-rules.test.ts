/** Tests the sender rules of the Texting Blue API: create, list, update and delete. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { type Client, createAccount, createClient, expectError } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const SENDER = '+14155550100';
const ECHO = '+15005550014';
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let homing: RunningBroker;
let accounts = 0;
beforeAll(async () => {
  homing = await startInProcess();
});
afterAll(() => homing?.dispose());

async function newAccount(permissions = '*'): Promise<Client & { account: string }> {
  accounts += 1;
  const account = `senders-${accounts}`;
  await createAccount(homing, account);
  return { ...(await createClient(homing, { account, permissions })), account };
}
const create = (client: Client, handle: string, action = 'block') =>
  client.post('/v1/sender-rules', { handle, action });

it('POST /v1/sender-rules creates a rule, which PATCH changes and DELETE removes', async () => {
  const client = await newAccount();
  const created = await create(client, '+1 (415) 555-0100');
  const rule = {
    id: expect.stringMatching(/^rul_[0-9a-z]{26}$/),
    ...{ handle: SENDER, action: 'block' },
    ...{ created_at: expect.stringMatching(ISO_TIME), updated_at: expect.stringMatching(ISO_TIME) },
  };
  expect([created.status, created.body]).toEqual([201, rule]);
  const path = `/v1/sender-rules/${created.body.id}`;
  expect(created.headers.get('location')).toBe(path);
  const changed = await client.request('PATCH', path, { body: { action: 'allow' } });
  expect([changed.status, changed.body]).toEqual([200, { ...rule, action: 'allow' }]);
  expect((await client.get('/v1/sender-rules')).body).toEqual({
    sender_rules: [changed.body],
    cursor: null,
    has_more: false,
  });
  expect((await client.delete(path)).status).toBe(204);
  expectError(await client.delete(path), 404, 'not_found');
  expect((await client.get('/v1/sender-rules')).body.sender_rules).toEqual([]);
});

it('POST /v1/sender-rules returns 409 with the id of the rule if the sender has one', async () => {
  const client = await newAccount();
  const { body } = await create(client, SENDER);
  const second = await create(client, SENDER, 'allow');
  expectError(second, 409, 'conflict', 'handle');
  expect(second.body.error.message).toContain(body.id);
});

it('GET /v1/sender-rules lists every rule once, in pages', async () => {
  const client = await newAccount();
  const handles = ['+14155550103', '+14155550101', 'ada@example.com', '76934', '+14155550102'];
  for (const handle of handles) await create(client, handle);
  const listed: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await client.get(`/v1/sender-rules?limit=2${query}`);
    listed.push(...body.sender_rules.map(({ handle }: { handle: string }) => handle));
    expect(body.has_more).toBe(body.cursor !== null);
    cursor = body.cursor;
  } while (cursor !== null);
  expect(listed).toEqual(handles.toSorted());
});

it.each([
  [{ action: 'block' }, 'handle'],
  [{ handle: 'Ada', action: 'block' }, 'handle'],
  [{ handle: 1, action: 'block' }, 'handle'],
  [{ handle: `${'a'.repeat(400)}@example.com`, action: 'block' }, 'handle'],
  [{ handle: SENDER }, 'action'],
  [{ handle: SENDER, action: 'mute' }, 'action'],
])('POST /v1/sender-rules returns 400 for %j', async (body, param) => {
  const client = await newAccount();
  expectError(await client.post('/v1/sender-rules', body), 400, 'invalid_request', param);
});

it('sender rules of another account or environment are not visible', async () => {
  const client = await newAccount();
  const { body } = await create(client, SENDER);
  const live = await createClient(homing, { account: client.account, environment: 'live' });
  for (const other of [await newAccount(), live]) {
    expect((await other.get('/v1/sender-rules')).body.sender_rules).toEqual([]);
    const path = `/v1/sender-rules/${body.id}`;
    expectError(await other.request('PATCH', path, { body: { action: 'allow' } }), 404, 'not_found');
    expectError(await other.delete(path), 404, 'not_found');
  }
  expect((await client.get('/v1/sender-rules')).body.sender_rules).toEqual([body]);
});

it('reading sender rules requires messages:read, and changing them messages:send', async () => {
  const reader = await newAccount('messages:read');
  const sender = await newAccount('messages:send');
  expect((await reader.get('/v1/sender-rules')).status).toBe(200);
  expectError(await create(reader, SENDER), 403, 'forbidden');
  expectError(await sender.get('/v1/sender-rules'), 403, 'forbidden');
  expect((await create(sender, SENDER)).status).toBe(201);
});

it('GET /v1/messages returns messages of a blocked sender with is_blocked=true only', async () => {
  const client = await newAccount();
  await create(client, ECHO);
  await client.post('/v1/messages/send', { to: ECHO, content: 'Hi' });
  const { messages } = await until('the blocked reply', async () => {
    const { body } = await client.get('/v1/messages?is_blocked=true');
    return body.messages.length > 0 && body;
  });
  expect(messages).toMatchObject([{ from: ECHO, content: 'echo: Hi', status: 'received' }]);
  for (const query of ['', '?is_blocked=false', '?direction=inbound', `?from=${encodeURIComponent(ECHO)}`]) {
    const { body } = await client.get(`/v1/messages${query}`);
    expect(body.messages.filter(({ direction }: { direction: string }) => direction === 'inbound')).toEqual(
      [],
    );
  }
  expect((await client.get(`/v1/messages/${messages[0].id}`)).body.content).toBe('echo: Hi');
  expectError(await client.get('/v1/messages?is_blocked=yes'), 400, 'invalid_request', 'is_blocked');
});
