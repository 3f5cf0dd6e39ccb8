/** Tests the API keys of the dashboard and the log of tool calls. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../broker/core/model/api-key.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor, createAccount, createClient } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const run = promisify(execFile);

let broker: RunningBroker;
let owner: DashboardClient;
let stranger: DashboardClient;

beforeAll(async () => {
  broker = await startInProcess();
  await createAccount(broker, 'other');
  owner = await signIn(broker);
  stranger = await signIn(broker, { account: 'other' });
});
afterAll(() => broker?.dispose());

const keyOf = async (id: string) =>
  (await owner.get('/test/keys')).body.keys.find((key: { id: string }) => key.id === id);

describe('API keys', () => {
  it('a new key is returned once, works, shows its last use, and stops working when revoked', async () => {
    const request = { label: ' Shop ', permissions: ['messages:read', 'messages:read'] };
    const { status, body } = await owner.post('/test/keys', request);
    expect(status).toBe(201);
    expect(body).toEqual({
      ...{ id: expect.stringMatching(/^key_/), label: 'Shop', permissions: ['messages:read'] },
      ...{ createdAt: expect.any(Number), lastUsedAt: null, revokedAt: null },
      key: expect.stringMatching(/^tb_test_/),
      curl: `curl -sS ${broker.url}/v1/messages -H 'X-API-Key: ${body.key}'`,
    });
    const { key, curl: _, ...listed } = body;
    expect(await keyOf(body.id)).toEqual(listed);

    const client = clientFor(broker.url, key);
    const before = Date.now();
    expect((await client.get('/v1/messages')).status).toBe(200);
    const used = await keyOf(body.id);
    expect(used.lastUsedAt).toBeGreaterThanOrEqual(before);

    const revoked = await owner.post(`/test/keys/${body.id}/revoke`);
    expect(revoked.body).toMatchObject({ id: body.id, revokedAt: expect.any(Number) });
    expect((await client.get('/v1/messages')).status).toBe(401);
    expect((await keyOf(body.id)).revokedAt).toBe(revoked.body.revokedAt);
  });

  it('a bearer token of the Textree API gets a command with its header', async () => {
    const request = { label: 'Textree', permissions: ['*'], prefix: 'txt' };
    const { body } = await owner.post('/live/keys', request);
    expect(body.curl).toBe(`curl -sS ${broker.url}/api/v1/numbers -H 'Authorization: Bearer ${body.key}'`);
    expect(body.key).toMatch(/^txt_/);
  });

  it.each(
    (['tb', 'txt'] as const).flatMap((prefix) =>
      PERMISSIONS.map((permission) => [`${prefix} key for ${permission}`, { prefix, permission }] as const),
    ),
  )('the command of a new %s is permitted and has no effect', async (label, { prefix, permission }) => {
    const { body } = await owner.post('/test/keys', { label, permissions: [permission], prefix });
    if (body.curl === null) {
      expect(permission).toMatch(prefix === 'tb' ? /^numbers:write$/ : /^(numbers:write|messages:send)$/);
      return;
    }
    const queued = async () => (await owner.get('/test/messages')).body.messages.length;
    const before = await queued();
    const { stdout } = await run('sh', ['-c', `${body.curl} -w '\n%{http_code}'`]);
    expect(stdout).toMatch(/\n200$/);
    expect(await queued()).toBe(before);
  });

  it.each([
    ['label', { label: ' ', permissions: ['*'] }],
    ['permissions', { label: 'x', permissions: [] }],
    ['permissions', { label: 'x', permissions: ['all'] }],
    ['prefix', { label: 'x', permissions: ['*'], prefix: 'sk' }],
  ])('POST /keys returns 400 for an invalid %s', async (param, body) => {
    const response = await owner.post('/live/keys', body);
    expect([response.status, response.body.error.param.split('.')[0]]).toEqual([400, param]);
  });

  it('POST /keys returns 403 for a member, and the key of another account or environment is unknown', async () => {
    const member = await signIn(broker, { role: 'member' });
    expect((await member.post('/live/keys', { label: 'x', permissions: ['*'] })).status).toBe(403);
    const { keyId } = await createClient(broker);
    const responses = [
      await stranger.post(`/test/keys/${keyId}/revoke`),
      await owner.post(`/live/keys/${keyId}/revoke`),
      await owner.post('/test/keys/x/revoke'),
    ];
    expect(responses.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect((await keyOf(keyId)).revokedAt).toBeNull();
    expect((await stranger.get('/test/keys')).body.keys).toEqual([]);
  });
});

it('GET /tool-calls lists the calls of assistants in pages, with the label of their key', async () => {
  const client = await createClient(broker, { environment: 'test' });
  for (let call = 0; call < 3; call += 1) {
    await client.post('/mcp/tools/conversations.list', {}, { authorization: `Bearer ${client.key}` });
  }
  const { body: first } = await owner.get('/test/tool-calls?limit=2');
  expect(first.calls).toHaveLength(2);
  expect(first.calls[0]).toEqual({
    ...{ id: expect.stringMatching(/^call_/), at: expect.any(Number), tool: 'conversations.list' },
    ...{ through: 'rest', keyId: client.keyId, keyLabel: 'test', outcome: expect.any(String) },
    ...{ errorCode: first.calls[0].errorCode, durationMs: expect.any(Number), params: expect.any(String) },
  });
  const { body: second } = await owner.get(`/test/tool-calls?limit=2&cursor=${first.next}`);
  expect(second.calls).toHaveLength(1);
  expect(second.next).toBeNull();
  expect((await stranger.get('/test/tool-calls')).body.calls).toEqual([]);
});
