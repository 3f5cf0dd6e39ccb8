/** Tests the scopes of tools, and the audit log, which also contains rejected calls. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import {
  clientFor,
  createAccount,
  createClient,
  openSlowRequest,
  revokeKey,
} from '../../support/http-client.ts';
import { type Assistant, auditLogOf, connectAssistant } from '../../support/mcp-client.ts';
import { expectErrorResponse } from '../../support/textree-client.ts';

const TO = '+15005550010';
const CALLS = [
  ['contacts.lookup', { phone_number: TO }, 'messages:read'],
  ['messages.preview', { phone_number: TO, body: 'Hi' }, undefined],
  ['messages.send', { phone_number: TO, body: 'Hi' }, 'messages:write'],
  ['messages.get', { id: 'msg_x' }, 'messages:read'],
  ['conversations.list', {}, 'messages:read'],
  ['conversations.read', { phone_number: TO }, 'messages:read'],
  ['conversations.get', { phone_number: TO }, 'messages:read'],
  ['messages.react', { message_id: 'msg_x', reaction: 'love' }, 'messages:write'],
  ['messages.edit', { message_id: 'msg_x', body: 'Hi' }, 'messages:write'],
  ['messages.unsend', { message_id: 'msg_x' }, 'messages:write'],
  ['groups.create', { participants: [TO, '+15005550011'] }, 'messages:write'],
] as const;

let homing: HomingProcess;
let all: Assistant;
let runs: Assistant;
let reads: Assistant;
beforeAll(async () => {
  homing = await startHoming();
  all = await connectAssistant(homing);
  runs = await connectAssistant(homing, { permissions: 'mcp:execute' });
  reads = await connectAssistant(homing, { permissions: 'mcp:read,messages:send,messages:read' });
});
afterAll(async () => {
  for (const { client } of [all, runs, reads]) await client?.close();
  await homing?.dispose();
});

const lastEntries = async (count: number) => (await auditLogOf(homing)).slice(0, count);

describe.each(CALLS)('the tool %s', (name, params, scope) => {
  it('needs the scope mcp:execute over JSON-RPC and REST', async () => {
    const error = await reads.error(name, params);
    expect(error).toMatchObject({
      code: 'insufficient_scope',
      message: expect.stringMatching(/'mcp:execute'/),
    });
    expectErrorResponse(await reads.rest(name, params), 403, 'insufficient_scope', {
      message: /'mcp:execute'/,
      fix: /--permissions mcp:execute/,
    });
    const entries = await lastEntries(2);
    expect(entries.map(({ through }) => through)).toEqual(['rest', 'mcp']);
    for (const entry of entries) {
      expect(entry).toMatchObject({
        ...{ tool: name, key: reads.keyId, outcome: 'refused', errorCode: 'insufficient_scope' },
        params: JSON.stringify(params),
      });
    }
  });

  it(scope === undefined ? 'needs no other scope' : `also needs the scope ${scope}`, async () => {
    const { isError } = await runs.call(name, params);
    const { status, body } = await runs.rest(name, params);
    const codes = (await lastEntries(2)).map((entry) => entry.errorCode);
    if (scope === undefined) {
      expect(codes).not.toContain('insufficient_scope');
      expect(isError === true).toBe(status >= 400);
    } else {
      expect([isError, status, body.error.message]).toEqual([
        ...[true, 403, expect.stringMatching(new RegExp(`'${scope}'`))],
      ]);
      expect(codes).toEqual(['insufficient_scope', 'insufficient_scope']);
    }
  });
});

describe('the list of tools', () => {
  it('needs the scope mcp:read over JSON-RPC and REST', async () => {
    await expect(runs.client.listTools()).rejects.toMatchObject({
      code: -32_003,
      message: expect.stringMatching(/'mcp:read'/),
    });
    expectErrorResponse(await runs.request('GET', '/mcp/tools'), 403, 'insufficient_scope', {
      message: /'mcp:read'/,
    });
    expect((await reads.client.listTools()).tools).toHaveLength(11);
    expect((await reads.request('GET', '/mcp/tools')).status).toBe(200);
  });
});

describe('the resource of the events', () => {
  it('needs the scopes mcp:read and messages:read', async () => {
    await expect(runs.client.listResources()).rejects.toMatchObject({ code: -32_003 });
    expect((await reads.client.listResources()).resources).toHaveLength(1);
    const uri = 'homing://events';
    await expect(runs.client.readResource({ uri })).rejects.toMatchObject({ code: -32_003 });
    const scopes = { permissions: 'mcp:read' };
    const noMessages = await connectAssistant(homing, scopes);
    await expect(noMessages.client.readResource({ uri })).rejects.toMatchObject({
      code: -32_003,
      message: expect.stringMatching(/'messages:read'/),
    });
    await noMessages.client.close();
  });
});

describe('a key without a scope for MCP', () => {
  it('gets an error, and its tool call is recorded as refused', async () => {
    const other = await createClient(homing, { permissions: 'messages:send,messages:read' });
    const post = (body: object) => clientFor(homing.url, other.key).post('/mcp', body);
    const { status, body } = await post({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect([status, body.error.code, body.error.data.code]).toEqual([403, -32_003, 'insufficient_scope']);
    const params = { name: 'messages.send', arguments: { phone_number: TO, body: 'Hi' } };
    const called = await post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    expect([called.status, called.body.result.isError]).toEqual([200, true]);
    const [entry] = await lastEntries(1);
    expect(entry).toMatchObject({ tool: 'messages.send', key: other.keyId, outcome: 'refused' });
  });
});

describe('a revoked key', () => {
  it('cannot call tools, even in requests that started before the revocation', async () => {
    const revoked = await connectAssistant(homing);
    await revoked.result('conversations.list');
    const path = '/mcp/tools/conversations.list';
    const headers = { authorization: `Bearer ${revoked.key}` };
    const slow = await openSlowRequest(homing.url, {
      ...{ method: 'POST', path, key: revoked.key, headers },
      body: { params: { limit: 10 } },
    });
    await revokeKey(homing, revoked.keyId);
    expectErrorResponse(await slow.finish(), 401, 'unauthorized');
    await expect(revoked.call('conversations.list')).rejects.toThrow(/Invalid or missing API key/);
    expectErrorResponse(await revoked.rest('conversations.list', {}), 401, 'unauthorized');
    const [entry] = await lastEntries(1);
    // The later calls have no authenticated caller and are not recorded.
    expect(entry).toMatchObject({ key: revoked.keyId, outcome: 'refused', errorCode: 'unauthorized' });
  });
});

describe('the audit log', () => {
  it('contains each call once, newest first, with caller, tool and outcome', async () => {
    const before = (await auditLogOf(homing)).length;
    await all.result('messages.preview', { phone_number: TO, body: 'Hi' });
    await all.rest('messages.get', { id: 'msg_x' });
    const entries = await auditLogOf(homing);
    expect(entries).toHaveLength(before + 2);
    const [get, preview] = entries;
    expect(get).toMatchObject({ tool: 'messages.get', through: 'rest', key: all.keyId });
    expect(get).toMatchObject({ outcome: 'failed', errorCode: 'not_found', params: '{"id":"msg_x"}' });
    expect(preview).toMatchObject({
      tool: 'messages.preview',
      through: 'mcp',
      outcome: 'ok',
      errorCode: null,
    });
    expect(Date.now() - get!.at).toBeLessThan(60_000);
  });

  it('stores the first 2 KB of the parameters', async () => {
    await all.error('messages.send', { phone_number: TO, body: '€'.repeat(4_000) });
    const [entry] = await lastEntries(1);
    expect(Buffer.byteLength(entry!.params)).toBeGreaterThan(2_044);
    expect(Buffer.byteLength(entry!.params)).toBeLessThanOrEqual(2_048);
    expect(entry!.params).toMatch(/^\{"phone_number":"\+15005550010","body":"€+$/);
  });

  it('is separate for each tenant', async () => {
    await createAccount(homing, 'other');
    const other = await connectAssistant(homing, { account: 'other' });
    await other.result('contacts.lookup', { name: 'only of the other' });
    expect((await auditLogOf(homing)).filter(({ params }) => params.includes('only of'))).toEqual([]);
    expect(await auditLogOf(homing, { account: 'other', environment: 'live' })).toEqual([]);
    expect(await auditLogOf(homing, { account: 'other' })).toHaveLength(1);
    await other.client.close();
  });

  it('is printed by homing mcp audit, up to --limit', async () => {
    const audit = (...args: string[]) => homing.cli('mcp', 'audit', '--environment', 'test', ...args);
    const [newest] = await lastEntries(1);
    const listed = await audit('--json', '--limit', '1');
    expect(listed.json).toEqual([
      {
        id: `call_${newest!.id}`,
        at: new Date(newest!.at).toISOString(),
        tool: 'messages.send',
        through: 'mcp',
        key: all.keyId,
        outcome: 'refused',
        error_code: 'invalid_request',
        duration_ms: newest!.durationMs,
        params: newest!.params,
      },
    ]);
    const { stdout, status } = await audit('--limit', '3');
    const lines = stdout.trimEnd().split('\n');
    expect([status, lines.length]).toEqual([0, 4]);
    expect(lines[0]).toMatch(/^AT +TOOL +THROUGH +OUTCOME +MS +KEY +PARAMETERS$/);
    expect(lines[1]).toMatch(/messages\.send +mcp +refused \(invalid_request\) .*…$/);
    expect((await homing.cli('mcp', 'audit')).stderr).toMatch(/There are no tool calls yet/);
    for (const limit of ['0', 'x', '10001', '1.5']) {
      const rejected = await audit(`--limit=${limit}`);
      expect([rejected.status, rejected.stderr]).toEqual([2, expect.stringMatching(/allowed: 1 to 10000/)]);
    }
  });
});
