/** `homing mcp`: the real program, started by the SDK's client as an assistant starts it. */
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, runCli, startHoming } from '../../support/homing-process.ts';
import { createAccount } from '../../support/http-client.ts';
import { auditOf, callsOf } from '../../support/mcp-client.ts';
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
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  return { client, ...callsOf(client), said: () => said };
}

/** Everything that is asked at once, and then the input ends. */
async function pipe(lines: readonly unknown[], ...args: string[]) {
  const input = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  const { status, stderr, json } = await runCli(['mcp', '--data-dir', homing.dataDir, ...args], {}, input);
  return { status, stderr, answers: json };
}

describe('homing mcp', () => {
  it('sends beside a running broker, which delivers it, and reads the answer', async () => {
    const { client, given, said } = await start('--environment', 'test');
    expect((await client.listTools()).tools).toHaveLength(6);
    const { message } = await given('messages.send', { phone_number: ECHO, body: 'by stdio' });
    await until('the echo', async () => {
      const { messages } = await given('conversations.read', { phone_number: ECHO });
      return messages.some(({ body }: { body: string }) => body === 'echo: by stdio');
    });
    expect((await given('messages.get', { id: message.id })).message.status).toBe('delivered');
    const calls = await auditOf(homing);
    expect(calls.at(-1)).toMatchObject({ tool: 'messages.send', through: 'stdio', key: null, outcome: 'ok' });
    await client.close();
    expect(said()).toBe('');
  });

  it('offers and runs nothing that changes anything where it is --read-only', async () => {
    const { client, call, given } = await start('--environment', 'test', '--read-only');
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual([
      'contacts.lookup',
      'messages.preview',
      'messages.get',
      'conversations.list',
      'conversations.read',
    ]);
    await expect(call('messages.send', { phone_number: ECHO, body: 'Hi' })).rejects.toThrow(/no tool/);
    expect((await given('messages.preview', { phone_number: ECHO, body: 'Hi' })).would_be_accepted).toBe(
      true,
    );
    await client.close();
  });

  it('works for one account, on its live side unless said', async () => {
    await createAccount(homing, 'second');
    const { client, given, refused } = await start('--account', 'second');
    expect(await given('conversations.list')).toMatchObject({ conversations: [] });
    expect((await given('messages.preview', { phone_number: ECHO, body: 'Hi' })).from).toBeNull();
    const said = await refused('messages.send', { phone_number: '+14155550100', body: 'Hi' });
    expect([said.code, said.fix]).toEqual(['invalid_request', expect.stringMatching(/homing pair/)]);
    expect(await auditOf(homing, { account: 'second', environment: 'live' })).toHaveLength(3);
    await client.close();
  });

  it('answers everything before it ends, and puts nothing but the protocol on standard output', async () => {
    const call = (id: number, body: string) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'messages.send', arguments: { phone_number: '+15005550010', body } },
    });
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 99 } };
    const { status, stderr, answers } = await pipe(
      [call(1, 'one'), 'no JSON', call(2, 'two'), cancelled, { jsonrpc: '2.0', id: 3, method: 'ping' }],
      '--environment',
      'test',
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/^homing: .*not valid JSON\n$/);
    expect(answers.map(({ id }) => id).toSorted()).toEqual([1, 2, 3]);
    for (const { id, result } of answers) expect(result.isError === undefined, String(id)).toBe(true);
  });

  it('ends at once where nothing is asked, and after a call that was called off', async () => {
    expect(await pipe([], '--environment', 'test')).toEqual({ status: 0, stderr: '', answers: [] });
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'conversations.list' } };
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    expect((await pipe([call, cancelled], '--environment', 'test')).status).toBe(0);
  });

  it('refuses what it cannot do, on standard error', async () => {
    for (const [args, message, code] of [
      [['--environment', 'prod'], /--environment was given 'prod'/, 2],
      [['--account', 'nobody'], /Account 'nobody' not found/, 1],
    ] as const) {
      const { status, stdout, stderr } = await homing.cli('mcp', ...args);
      expect([status, stdout, stderr]).toEqual([code, '', expect.stringMatching(message)]);
    }
  });

  it('says in --help how an assistant is told of it', async () => {
    const { stdout } = await runCli(['mcp', '--help']);
    const [configuration = ''] = /\{\n[\s\S]*\n {2}\}/.exec(stdout) ?? [];
    const { command, args } = JSON.parse(configuration).mcpServers.homing;
    expect([command, args.slice(1)]).toEqual(['node', ['mcp', '--data-dir', '/path/to/homing/data']]);
  });
});
