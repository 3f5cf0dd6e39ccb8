/** An assistant's client of the tools: the official SDK's, and the plain requests beside it. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { expect } from 'vitest';
import { findTenant } from '../../broker/core/accounts/accounts.ts';
import type { AuditEntry } from '../../broker/core/model/audit-entry.ts';
import { formatId } from '../../shared/ids.ts';
import type { RunningBroker } from './homing-process.ts';
import { type Answer, besideBroker, clientFor, createClient } from './http-client.ts';

export interface Assistant {
  key: string;
  keyId: string;
  client: Client;
  /** By JSON-RPC. */
  call(name: string, params?: Record<string, unknown>): Promise<CallToolResult>;
  /** What a call gives; fails where it says that it failed. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever was answered
  given(name: string, params?: Record<string, unknown>): Promise<any>;
  /** What a call says that is wrong. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever was answered
  refused(name: string, params?: Record<string, unknown>): Promise<any>;
  /** By a request of its own. */
  rest(name: string, params?: unknown): Promise<Answer>;
  request(method: string, path: string, body?: unknown): Promise<Answer>;
}

interface KeyOptions {
  account?: string;
  environment?: 'live' | 'test';
  permissions?: string;
}

/** With a key of its own, connected. */
export async function connectAssistant(homing: RunningBroker, options: KeyOptions = {}): Promise<Assistant> {
  const { key, keyId } = await createClient(homing, options);
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', homing.url), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  const headers = { authorization: `Bearer ${key}` };
  const request: Assistant['request'] = (method, path, body) =>
    clientFor(homing.url).request(method, path, { headers, body });
  return {
    key,
    keyId,
    client,
    ...callsOf(client),
    rest: (name, params) => request('POST', `/mcp/tools/${name}`, { params }),
    request,
  };
}

/** The calls of any connected client. */
export function callsOf(client: Client): Pick<Assistant, 'call' | 'given' | 'refused'> {
  const call: Assistant['call'] = async (name, params = {}) =>
    (await client.callTool({ name, arguments: params })) as CallToolResult;
  return {
    call,
    async given(name, params) {
      const { structuredContent, content, isError } = await call(name, params);
      expect(isError, JSON.stringify(content)).not.toBe(true);
      // Those that know nothing of structured content read the same.
      expect(JSON.parse(textOf(content))).toEqual(structuredContent);
      return structuredContent;
    },
    async refused(name, params) {
      const { content, isError, structuredContent } = await call(name, params);
      expect([isError, structuredContent], JSON.stringify(content)).toEqual([true, undefined]);
      return JSON.parse(textOf(content)).error;
    },
  };
}

function textOf(content: CallToolResult['content']): string {
  const [first, ...others] = content;
  expect(others).toEqual([]);
  return first?.type === 'text' ? first.text : '';
}

/** The audit log of an account, newest first. */
export async function auditOf(
  homing: RunningBroker,
  { account = 'default', environment = 'test' }: KeyOptions = {},
): Promise<Array<Omit<AuditEntry, 'credentialId'> & { key: string | null }>> {
  const calls = await besideBroker(homing, async ({ read }) => {
    const tenant = await findTenant(read, account, environment);
    return read.auditLog.list(tenant.id, { limit: 1_000 });
  });
  return calls.map(({ credentialId, ...call }) => ({
    ...call,
    key: credentialId === null ? null : formatId('key', credentialId),
  }));
}
