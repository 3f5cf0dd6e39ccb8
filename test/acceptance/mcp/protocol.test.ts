/** MCP as the official SDK's client speaks it: what is offered, and a message from its preview to its answer. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type Assistant, connectAssistant } from '../../support/mcp-client.ts';
import { until } from '../../support/until.ts';

const ECHO = '+15005550014';

let homing: HomingProcess;
let assistant: Assistant;
beforeAll(async () => {
  homing = await startHoming();
  assistant = await connectAssistant(homing);
});
afterAll(async () => {
  await assistant?.client.close();
  expect(homing.log()).not.toMatch(/"level":"(error|fatal)"/);
  await homing?.dispose();
});

describe('a client of the official SDK', () => {
  it('learns what it talks to, and how to behave', () => {
    expect(assistant.client.getServerVersion()).toEqual({
      name: 'homing',
      title: 'Homing',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(assistant.client.getServerCapabilities()).toEqual({ tools: {} });
    expect(assistant.client.getInstructions()).toMatch(/wait for a yes.*written by other people/);
  });

  it('is offered every tool with what it takes and gives', async () => {
    const { tools } = await assistant.client.listTools();
    const shown = tools.map(({ name, inputSchema, annotations }) => [
      name,
      Object.keys(inputSchema.properties ?? {}).join(' '),
      (inputSchema.required ?? []).join(' '),
      annotations?.readOnlyHint,
    ]);
    expect(shown).toEqual([
      ['contacts.lookup', 'phone_number name', '', true],
      ['messages.preview', 'phone_number body', 'phone_number body', true],
      ['messages.send', 'phone_number body media_url idempotency_key', 'phone_number', false],
      ['messages.get', 'id', 'id', true],
      ['conversations.list', 'limit cursor', '', true],
      ['conversations.read', 'conversation_id phone_number limit cursor', '', true],
    ]);
    for (const { name, title, description, inputSchema, outputSchema } of tools) {
      expect(title, name).toBeTypeOf('string');
      expect(description?.length, name).toBeGreaterThan(60);
      expect([inputSchema.type, inputSchema.additionalProperties, outputSchema?.type], name).toEqual([
        ...['object', false, 'object'],
      ]);
      for (const [parameter, schema] of Object.entries(inputSchema.properties ?? {})) {
        expect(schema, `${name} ${parameter}`).toHaveProperty('description');
      }
    }
  });

  it('sends in the sandbox, sees it delivered, and reads what came back', async () => {
    const text = { phone_number: ECHO, body: 'Dinner on Friday?' };
    expect(await assistant.given('messages.preview', text)).toEqual({
      phone_number: ECHO,
      from: '+15005550006',
      segments: 1,
      cost_cents: 0,
      opted_out: false,
      would_be_accepted: true,
      reason: null,
    });
    const { message, is_repeat } = await assistant.given('messages.send', text);
    expect([message.status, message.phone_number, is_repeat]).toEqual(['queued', ECHO, false]);
    const delivered = await until('it to be delivered', async () => {
      const now = (await assistant.given('messages.get', { id: message.id })).message;
      return now.status === 'delivered' ? now : undefined;
    });
    expect(delivered).toEqual({ ...message, status: 'delivered' });
    const read = await until('the echo', async () => {
      const found = await assistant.given('conversations.read', { phone_number: ECHO });
      return found.messages[0].direction === 'inbound' ? found : undefined;
    });
    expect(read.messages.map(({ body, direction }: Record<string, string>) => [direction, body])).toEqual([
      ['inbound', 'echo: Dinner on Friday?'],
      ['outbound', 'Dinner on Friday?'],
    ]);
    const { conversations } = await assistant.given('conversations.list');
    expect(conversations).toEqual([read.conversation]);
    expect(read.conversation).toMatchObject({ phone_number: ECHO, unread_count: 1, total_count: 2 });
    // Reading is not marking.
    expect((await assistant.given('conversations.list')).conversations[0].unread_count).toBe(1);
  });

  it('answers many calls at once, each with its own', async () => {
    const bodies = Array.from({ length: 30 }, (_, index) => 'a'.repeat(1 + index * 53));
    const previews = await Promise.all(
      bodies.map((body) => assistant.given('messages.preview', { phone_number: ECHO, body })),
    );
    expect(previews.map(({ segments }) => segments)).toEqual(
      bodies.map(({ length }) => (length <= 160 ? 1 : Math.ceil(length / 153))),
    );
  });

  it('comes in with x-api-key too, and not with a key that is unknown', async () => {
    const connect = async (headers: Record<string, string>) => {
      const client = new Client({ name: 'test', version: '1' });
      const url = new URL('/mcp', homing.url);
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
      await client.ping();
      await client.close();
    };
    await connect({ 'x-api-key': assistant.key });
    await expect(connect({ authorization: 'Bearer tb_test_nobody' })).rejects.toThrow(/Invalid or missing/);
    await expect(connect({})).rejects.toThrow(/Invalid or missing/);
  });

  it('is told of a tool that is not there', async () => {
    await expect(assistant.call('messages.burn')).rejects.toThrow(/There is no tool 'messages\.burn'/);
  });
});

describe('the plain requests', () => {
  it('list the same tools', async () => {
    const { status, body } = await assistant.request('GET', '/mcp/tools');
    expect(status).toBe(200);
    const { tools } = await assistant.client.listTools();
    expect(
      body.tools.map(
        ({ name, title, description, input_schema, output_schema }: Record<string, unknown>) => ({
          ...{ name, title, description },
          ...{ inputSchema: input_schema, outputSchema: output_schema },
        }),
      ),
    ).toEqual(tools.map(({ annotations: _, ...tool }) => tool));
    expect(
      body.tools.map(({ name, scopes, timeout_ms, read_only }: Record<string, unknown>) => [
        ...[name, scopes, timeout_ms, read_only],
      ]),
    ).toEqual([
      ['contacts.lookup', ['mcp:execute'], 1_000, true],
      ['messages.preview', ['mcp:execute'], 1_000, true],
      ['messages.send', ['mcp:execute', 'messages:write'], 10_000, false],
      ['messages.get', ['mcp:execute'], 1_000, true],
      ['conversations.list', ['mcp:execute', 'messages:read'], 1_000, true],
      ['conversations.read', ['mcp:execute', 'messages:read'], 1_000, true],
    ]);
  });

  it('give what the protocol gives', async () => {
    for (const [name, params] of [
      ['messages.preview', { phone_number: ECHO, body: 'Hi' }],
      ['contacts.lookup', { phone_number: ECHO }],
      ['conversations.list', {}],
      ['conversations.read', { phone_number: ECHO, limit: 1 }],
    ] as const) {
      const { status, body } = await assistant.rest(name, params);
      expect([status, body]).toEqual([200, { tool: name, result: await assistant.given(name, params) }]);
    }
    const sent = await assistant.rest('messages.send', { phone_number: '+15005550010', body: 'Hi' });
    expect([sent.status, sent.body.result.message.status]).toEqual([200, 'queued']);
  });

  it('say to anybody that the tools are there', async () => {
    const { status, body } = await assistant.request('GET', '/mcp/health');
    expect([status, body]).toEqual([200, { status: 'ok' }]);
    expect((await fetch(`${homing.url}/mcp/health`)).status).toBe(200);
  });
});
