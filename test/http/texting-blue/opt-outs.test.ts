/** Tests the opt-outs of the Texting Blue API: list, record, check and remove. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { type Client, createAccount, createClient, expectError } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const RECIPIENT = '+14155550100';
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let homing: RunningBroker;
let accounts = 0;
beforeAll(async () => {
  homing = await startInProcess();
});
afterAll(() => homing?.dispose());

async function newAccount(permissions = '*'): Promise<Client & { account: string }> {
  accounts += 1;
  const account = `opt-outs-${accounts}`;
  await createAccount(homing, account);
  return { ...(await createClient(homing, { account, permissions })), account };
}
const record = (client: Client, recipient: string, reason?: string) =>
  client.post('/v1/opt-outs', { recipient, ...(reason && { reason }) });

it('POST /v1/opt-outs records an opt-out, which GET returns and DELETE removes', async () => {
  const client = await newAccount();
  expectError(await client.get(`/v1/opt-outs/${RECIPIENT}`), 404, 'not_found');
  const created = await record(client, '+1 (415) 555-0100', 'asked by phone');
  expect([created.status, created.body]).toEqual([
    201,
    { recipient: RECIPIENT, reason: 'asked by phone', created_at: expect.stringMatching(ISO_TIME) },
  ]);
  const location = created.headers.get('location');
  expect(location).toBe('/v1/opt-outs/%2B14155550100');
  expect((await client.get(location!)).body).toEqual(created.body);
  expect((await client.get('/v1/opt-outs')).body).toEqual({
    opt_outs: [created.body],
    cursor: null,
    has_more: false,
  });
  expect((await client.delete(location!)).status).toBe(204);
  expectError(await client.delete(location!), 404, 'not_found');
  expect((await client.get('/v1/opt-outs')).body.opt_outs).toEqual([]);
});

it('POST /v1/opt-outs returns 200 and keeps the first reason if the recipient opted out before', async () => {
  const client = await newAccount();
  const first = await record(client, RECIPIENT);
  expect(first.body.reason).toBe('api');
  const second = await record(client, RECIPIENT, 'again');
  expect([second.status, second.body]).toEqual([200, first.body]);
});

it('a message to a recipient who opted out is rejected with an error code for this case', async () => {
  const client = await newAccount();
  const message = { to: RECIPIENT, content: 'Hi' };
  const scheduled = await client.post('/v1/messages/send', {
    ...message,
    send_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  await record(client, RECIPIENT);
  expectError(await client.post('/v1/messages/send', message), 403, 'recipient_suppressed', 'to');
  expect((await client.get(`/v1/messages/${scheduled.body.id}`)).body).toMatchObject({
    status: 'failed',
    error_code: 'cancelled',
  });
  await client.delete(`/v1/opt-outs/${RECIPIENT}`);
  expect((await client.post('/v1/messages/send', message)).status).toBe(202);
});

it('GET /v1/opt-outs lists every recipient once, in pages', async () => {
  const client = await newAccount();
  const recipients = ['+14155550103', '+14155550101', 'ada@example.com', '76934', '+14155550102'];
  for (const recipient of recipients) await record(client, recipient);
  const listed: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await client.get(`/v1/opt-outs?limit=2${query}`);
    listed.push(...body.opt_outs.map(({ recipient }: { recipient: string }) => recipient));
    expect(body.has_more).toBe(body.cursor !== null);
    cursor = body.cursor;
  } while (cursor !== null);
  expect(listed).toEqual(recipients.toSorted());
});

it.each([
  [{}, 'recipient'],
  [{ recipient: '' }, 'recipient'],
  [{ recipient: 'Ada' }, 'recipient'],
  [{ recipient: 1 }, 'recipient'],
  [{ recipient: `${'a'.repeat(400)}@example.com` }, 'recipient'],
  [{ recipient: RECIPIENT, reason: '' }, 'reason'],
  [{ recipient: RECIPIENT, reason: 'x'.repeat(101) }, 'reason'],
  [{ recipient: RECIPIENT, Reason: 'x' }, 'Reason'],
])('POST /v1/opt-outs returns 400 for %j', async (body, param) => {
  const client = await newAccount();
  expectError(await client.post('/v1/opt-outs', body), 400, 'invalid_request', param);
});

it('opt-outs of another account or environment are not visible', async () => {
  const client = await newAccount();
  await record(client, RECIPIENT);
  const live = await createClient(homing, { account: client.account, environment: 'live' });
  for (const other of [await newAccount(), live]) {
    expect((await other.get('/v1/opt-outs')).body.opt_outs).toEqual([]);
    expectError(await other.delete(`/v1/opt-outs/${RECIPIENT}`), 404, 'not_found');
  }
  expect((await client.get('/v1/opt-outs')).body.opt_outs).toHaveLength(1);
});

it('reading opt-outs requires messages:read, and changing them messages:send', async () => {
  const reader = await newAccount('messages:read');
  const sender = await newAccount('messages:send');
  expect((await reader.get('/v1/opt-outs')).status).toBe(200);
  expectError(await record(reader, RECIPIENT), 403, 'forbidden');
  expectError(await sender.get('/v1/opt-outs'), 403, 'forbidden');
  expect((await record(sender, RECIPIENT)).status).toBe(201);
});
