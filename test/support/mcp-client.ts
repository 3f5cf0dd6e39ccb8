/** MCP client of an assistant: tool calls with the official SDK and over REST. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { expect } from 'vitest';
import { findTenant } from '../../broker/core/accounts/accounts.ts';
import type { AuditEntry } from '../../broker/core/model/audit-entry.ts';
import { formatId } from '../../shared/ids.ts';
import type { RunningBroker } from './homing-process.ts';
import { besideBroker, clientFor, createClient, type HttpResponse } from './http-client.ts';

export interface Assistant {
  key: string;
  keyId: string;
  client: Client;
  /** Calls a tool over JSON-RPC. */
  call(name: string, params?: Record<string, unknown>): Promise<CallToolResult>;
  /** Calls a tool and returns its result. Fails if the call returns an error. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  result(name: string, params?: Record<string, unknown>): Promise<any>;
  /** Calls a tool and returns its error. Fails if the call succeeds. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  error(name: string, params?: Record<string, unknown>): Promise<any>;
  /** Calls a tool over REST. */
  rest(name: string, params?: unknown): Promise<HttpResponse>;
  request(method: string, path: string, body?: unknown): Promise<HttpResponse>;
}

interface KeyOptions {
  account?: string;
  environment?: 'live' | 'test';
  permissions?: string;
}

/** Creates an API key and connects a client with it. */
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

/** Returns the call functions of a connected client. */
export function callsOf(client: Client): Pick<Assistant, 'call' | 'result' | 'error'> {
  const call: Assistant['call'] = async (name, params = {}) =>
    (await client.callTool({ name, arguments: params })) as CallToolResult;
  return {
    call,
    async result(name, params) {
      const { structuredContent, content, isError } = await call(name, params);
      expect(isError, JSON.stringify(content)).not.toBe(true);
      // Clients without structured content read the same result as text.
      expect(JSON.parse(textOf(content))).toEqual(structuredContent);
      return structuredContent;
    },
    async error(name, params) {
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

/** Returns the audit log of an account, newest first. */
export async function auditLogOf(
  homing: RunningBroker,
  { account = 'default', environment = 'test' }: KeyOptions = {},
): Promise<Array<Omit<AuditEntry, 'credentialId'> & { key: string | null }>> {
  const entries = await besideBroker(homing, async ({ read }) => {
    const tenant = await findTenant(read, account, environment);
    return read.auditLog.list(tenant.id, { limit: 1_000 });
  });
  return entries.map(({ credentialId, ...entry }) => ({
    ...entry,
    key: credentialId === null ? null : formatId('key', credentialId),
  }));
}
