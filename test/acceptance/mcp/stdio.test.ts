/** Tests `homing mcp`: the real program, started by the client of the official SDK. */
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, runCli, startHoming } from '../../support/homing-process.ts';
import { createAccount } from '../../support/http-client.ts';
import { auditLogOf, callsOf } from '../../support/mcp-client.ts';
import { until } from '../../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const ECHO = '+15005550014';

let homing: HomingProcess;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());

async function start(...args: string[]) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, 'mcp', '--data-dir', homing.dataDir, ...args],
    env: { ...getDefaultEnvironment(), ...homing.database.settings },
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  return { client, ...callsOf(client), stderr: () => stderr };
}

/** Sends all lines at once and closes the input. */
async function pipe(lines: readonly unknown[], ...args: string[]) {
  const input = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  const { status, stderr, json } = await runCli(['mcp', ...args], homing.database.settings, input);
  return { status, stderr, responses: json };
}

describe('homing mcp', () => {
  it('sends a message that the running broker delivers, and reads the reply', async () => {
    const { client, result, stderr } = await start('--environment', 'test');
    expect((await client.listTools()).tools).toHaveLength(11);
    const { message } = await result('messages.send', { phone_number: ECHO, body: 'by stdio' });
    await until('the echo', async () => {
      const { messages } = await result('conversations.read', { phone_number: ECHO });
      return messages.some(({ body }: { body: string }) => body === 'echo: by stdio');
    });
    expect((await result('messages.get', { id: message.id })).message.status).toBe('delivered');
    const entries = await auditLogOf(homing);
    expect(entries.at(-1)).toMatchObject({
      tool: 'messages.send',
      through: 'stdio',
      key: null,
      outcome: 'ok',
    });
    await client.close();
    expect(stderr()).toBe('');
  });

  it('serves only read-only tools with --read-only', async () => {
    const { client, call, result } = await start('--environment', 'test', '--read-only');
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual([
      'contacts.lookup',
      'messages.preview',
      'messages.get',
      'conversations.list',
      'conversations.read',
      'conversations.get',
    ]);
    await expect(call('messages.send', { phone_number: ECHO, body: 'Hi' })).rejects.toThrow(/Unknown tool/);
    expect((await result('messages.preview', { phone_number: ECHO, body: 'Hi' })).would_be_accepted).toBe(
      true,
    );
    await client.close();
  });

  it('serves one account, by default in its live environment', async () => {
    await createAccount(homing, 'second');
    const { client, result, error } = await start('--account', 'second');
    expect(await result('conversations.list')).toMatchObject({ conversations: [] });
    expect((await result('messages.preview', { phone_number: ECHO, body: 'Hi' })).from).toBeNull();
    const failure = await error('messages.send', { phone_number: '+14155550100', body: 'Hi' });
    expect([failure.code, failure.fix]).toEqual(['invalid_request', expect.stringMatching(/homing pair/)]);
    expect(await auditLogOf(homing, { account: 'second', environment: 'live' })).toHaveLength(3);
    await client.close();
  });

  it('responds to all requests before it exits, and writes only the protocol to standard output', async () => {
    const call = (id: number, body: string) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'messages.send', arguments: { phone_number: '+15005550010', body } },
    });
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 99 } };
    const { status, stderr, responses } = await pipe(
      [call(1, 'one'), 'no JSON', call(2, 'two'), cancelled, { jsonrpc: '2.0', id: 3, method: 'ping' }],
      '--environment',
      'test',
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/^homing: .*not valid JSON\n$/);
    expect(responses.map(({ id }) => id).toSorted()).toEqual([1, 2, 3]);
    for (const { id, result } of responses) expect(result.isError === undefined, String(id)).toBe(true);
  });

  it('exits immediately without requests, and after a cancelled call', async () => {
    expect(await pipe([], '--environment', 'test')).toEqual({ status: 0, stderr: '', responses: [] });
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'conversations.list' } };
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    expect((await pipe([call, cancelled], '--environment', 'test')).status).toBe(0);
  });

  it('reports invalid options on standard error', async () => {
    for (const [args, message, code] of [
      [['--environment', 'prod'], /--environment was given 'prod'/, 2],
      [['--account', 'nobody'], /Account 'nobody' not found/, 1],
    ] as const) {
      const { status, stdout, stderr } = await homing.cli('mcp', ...args);
      expect([status, stdout, stderr]).toEqual([code, '', expect.stringMatching(message)]);
    }
  });

  it('shows the configuration for an assistant in --help', async () => {
    const { stdout } = await runCli(['mcp', '--help']);
    const [configuration = ''] = /\{\n[\s\S]*\n {2}\}/.exec(stdout) ?? [];
    const { command, args } = JSON.parse(configuration).mcpServers.homing;
    expect([command, args.slice(1)]).toEqual(['node', ['mcp', '--data-dir', '/path/to/homing/data']]);
  });
});
