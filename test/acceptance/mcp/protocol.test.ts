/** Tests MCP with the client of the official SDK, and the tools as REST operations. */
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
  it('receives the server’s name, version, capabilities and instructions', () => {
    expect(assistant.client.getServerVersion()).toEqual({
      name: 'homing',
      title: 'Homing',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(assistant.client.getServerCapabilities()).toEqual({ tools: {}, resources: {} });
    expect(assistant.client.getInstructions()).toMatch(/wait for confirmation.*written by other people/);
  });

  it('lists all tools with their input and output schemas', async () => {
    const { tools } = await assistant.client.listTools();
    const listed = tools.map(({ name, inputSchema, annotations }) => [
      name,
      Object.keys(inputSchema.properties ?? {}).join(' '),
      (inputSchema.required ?? []).join(' '),
      annotations?.readOnlyHint,
    ]);
    expect(listed).toEqual([
      ['contacts.lookup', 'phone_number name', '', true],
      ['messages.preview', 'phone_number body', 'phone_number body', true],
      [
        'messages.send',
        'phone_number participants conversation_id body media_url media_urls reply_to effect subject idempotency_key',
        ...['', false],
      ],
      ['messages.get', 'id', 'id', true],
      ['messages.react', 'message_id reaction part remove', 'message_id reaction', false],
      ['messages.edit', 'message_id body', 'message_id body', false],
      ['messages.unsend', 'message_id', 'message_id', false],
      ['conversations.list', 'limit cursor', '', true],
      ['conversations.read', 'conversation_id phone_number limit cursor', '', true],
      ['conversations.get', 'conversation_id phone_number limit cursor', '', true],
      ['groups.create', 'participants name from', 'participants', false],
    ]);
    const destructive = tools.filter(({ annotations }) => annotations?.destructiveHint);
    expect(destructive.map(({ name }) => name)).toEqual(['messages.edit', 'messages.unsend']);
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

  it('previews and sends a sandbox message, sees its delivery and reads the echo', async () => {
    const text = { phone_number: ECHO, body: 'Dinner on Friday?' };
    expect(await assistant.result('messages.preview', text)).toEqual({
      phone_number: ECHO,
      from: '+15005550006',
      segments: 1,
      cost_cents: 0,
      opted_out: false,
      would_be_accepted: true,
      reason: null,
    });
    const { message, is_repeat } = await assistant.result('messages.send', text);
    expect([message.status, message.phone_number, is_repeat]).toEqual(['queued', ECHO, false]);
    const delivered = await until('the delivery', async () => {
      const now = (await assistant.result('messages.get', { id: message.id })).message;
      return now.status === 'delivered' ? now : undefined;
    });
    expect(delivered).toEqual({ ...message, status: 'delivered' });
    const read = await until('the echo', async () => {
      const found = await assistant.result('conversations.read', { phone_number: ECHO });
      return found.conversation.latest.direction === 'inbound' ? found : undefined;
    });
    expect(read.messages.map(({ body, direction }: Record<string, string>) => [direction, body])).toEqual([
      ['inbound', 'echo: Dinner on Friday?'],
      ['outbound', 'Dinner on Friday?'],
    ]);
    const { conversations } = await assistant.result('conversations.list');
    expect(conversations).toEqual([read.conversation]);
    expect(read.conversation).toMatchObject({ phone_number: ECHO, unread_count: 1, total_count: 2 });
    // Reading does not mark messages as read.
    expect((await assistant.result('conversations.list')).conversations[0].unread_count).toBe(1);
  });

  it('gets the right result for each of many concurrent calls', async () => {
    const bodies = Array.from({ length: 30 }, (_, index) => 'a'.repeat(1 + index * 53));
    const previews = await Promise.all(
      bodies.map((body) => assistant.result('messages.preview', { phone_number: ECHO, body })),
    );
    expect(previews.map(({ segments }) => segments)).toEqual(
      bodies.map(({ length }) => (length <= 160 ? 1 : Math.ceil(length / 153))),
    );
  });

  it('connects with x-api-key, but not with an unknown key', async () => {
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

  it('gets an error for an unknown tool', async () => {
    await expect(assistant.call('messages.burn')).rejects.toThrow(/Unknown tool 'messages\.burn'/);
  });
});

describe('the REST operations', () => {
  it('list the same tools as MCP', async () => {
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
      ['contacts.lookup', ['mcp:execute', 'messages:read'], 1_000, true],
      ['messages.preview', ['mcp:execute'], 1_000, true],
      ['messages.send', ['mcp:execute', 'messages:write'], 10_000, false],
      ['messages.get', ['mcp:execute', 'messages:read'], 1_000, true],
      ['messages.react', ['mcp:execute', 'messages:write'], 10_000, false],
      ['messages.edit', ['mcp:execute', 'messages:write'], 10_000, false],
      ['messages.unsend', ['mcp:execute', 'messages:write'], 10_000, false],
      ['conversations.list', ['mcp:execute', 'messages:read'], 1_000, true],
      ['conversations.read', ['mcp:execute', 'messages:read'], 1_000, true],
      ['conversations.get', ['mcp:execute', 'messages:read'], 1_000, true],
      ['groups.create', ['mcp:execute', 'messages:write'], 10_000, false],
    ]);
  });

  it('return the same results as MCP', async () => {
    for (const [name, params] of [
      ['messages.preview', { phone_number: ECHO, body: 'Hi' }],
      ['contacts.lookup', { phone_number: ECHO }],
      ['conversations.list', {}],
      ['conversations.read', { phone_number: ECHO, limit: 1 }],
    ] as const) {
      const { status, body } = await assistant.rest(name, params);
      expect([status, body]).toEqual([200, { tool: name, result: await assistant.result(name, params) }]);
    }
    const sent = await assistant.rest('messages.send', { phone_number: '+15005550010', body: 'Hi' });
    expect([sent.status, sent.body.result.message.status]).toEqual([200, 'queued']);
  });

  it('include a health check without a key', async () => {
    const { status, body } = await assistant.request('GET', '/mcp/health');
    expect([status, body]).toEqual([200, { status: 'ok' }]);
    expect((await fetch(`${homing.url}/mcp/health`)).status).toBe(200);
  });
});

describe('the resource of the events', () => {
  it('reads the events of the account, and the events after them', async () => {
    const { client } = assistant;
    const { resources } = await client.listResources();
    expect(resources).toEqual([
      expect.objectContaining({ uri: 'homing://events', mimeType: 'application/json' }),
    ]);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['homing://events{?after}']);
    const read = async (uri: string) => {
      const { contents } = await client.readResource({ uri });
      const [content] = contents as [{ uri: string; text: string }];
      expect(content.uri).toBe(uri);
      return JSON.parse(content.text) as {
        events: { id: string; type: string; data: object }[];
        next: string;
      };
    };
    const first = await read('homing://events');
    const message = { phone_number: '+15005550010', body: 'For the events' };
    await assistant.result('messages.send', message);
    const own: { type: string; data: object }[] = [];
    let { next } = first;
    await until('the delivery', async () => {
      const page = await read(next);
      own.push(...page.events.filter(({ data }) => (data as { content?: string }).content === message.body));
      ({ next } = page);
      return own.at(-1)?.type === 'message.delivered';
    });
    // Each event was read once.
    expect(own.map(({ type }) => type)).toEqual(['message.sent', 'message.delivered']);
    expect(own[0]!.data).toMatchObject({ to: message.phone_number, status: 'sent', is_group: false });
    expect((await read('homing://events')).events).toEqual(expect.arrayContaining(own));
  });

  it.each(['homing://events?after=evt_x', 'homing://events?before=1', 'homing://messages', 'x'])(
    'does not find the resource %s',
    async (uri) => {
      await expect(assistant.client.readResource({ uri })).rejects.toMatchObject({
        code: -32002,
        message: expect.stringContaining('resources/list'),
      });
    },
  );
});
