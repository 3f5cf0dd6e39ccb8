/** Tests the OpenAPI document with a linter and against the responses of the operations. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import spectral, { type RulesetDefinition } from '@stoplight/spectral-core';
import { Json } from '@stoplight/spectral-parsers';
import { oas } from '@stoplight/spectral-rulesets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AllApis,
  type Called,
  formWithPhoto,
  idsIn,
  type ListedOperation,
  startAllApis,
} from '../support/all-apis.ts';
import { fillPath, furnish } from '../support/furnished-account.ts';
import type { RunningBroker } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { startInProcess } from '../support/in-process-broker.ts';
import { fieldsIn, type Schema } from '../support/openapi-fields.ts';

const { Document, Spectral } = spectral;
const APIS = ['texting-blue', 'textree', 'inkbox', 'inkbox-imessage', 'textus', 'mcp', 'media', 'status'];

describe('GET /openapi.json', () => {
  let homing: RunningBroker;
  beforeAll(async () => {
    homing = await startInProcess();
  });
  afterAll(() => homing?.dispose());

  const get = (path: string, headers: Record<string, string> = {}) =>
    clientFor(homing.url).request('GET', path, { headers });

  it.each(['/openapi.json', ...APIS.map((name) => `/openapi/${name}.json`)])(
    'returns a document without linter problems: %s',
    async (path) => {
      const config = await createConfig({
        extends: ['recommended'],
        // Paths of TextUs begin with an account's slug. The first segments of other paths are reserved slugs.
        // Operations without a key and parameters have no 4xx responses.
        rules: { 'no-ambiguous-paths': 'off', 'operation-4xx-response': 'off' },
      });
      const { text, status } = await get(path);
      expect(status).toBe(200);
      const problems = await lintFromString({ source: text, config });
      expect(
        problems.map(
          ({ severity, ruleId, message, location }) =>
            `${severity} ${ruleId} at ${location[0]?.pointer}: ${message}`,
        ),
      ).toEqual([]);
    },
  );

  it.each(['/openapi.json', ...APIS.map((name) => `/openapi/${name}.json`)])(
    'follows the recommended rules of Spectral: %s',
    async (path) => {
      const linter = new Spectral();
      linter.setRuleset({ extends: [[oas as unknown as RulesetDefinition, 'recommended']], rules: {} });
      const problems = await linter.run(new Document((await get(path)).text, Json, path));
      expect(problems.map(({ code, path, message }) => `${code} at ${path.join('.')}: ${message}`)).toEqual(
        [],
      );
    },
  );

  it('returns the title, the version, the server and one tag per API', async () => {
    const { body } = await get('/openapi.json');
    expect(Object.keys(body)).toEqual([
      'openapi',
      'info',
      'servers',
      'tags',
      'paths',
      'webhooks',
      'components',
    ]);
    expect(body.openapi).toBe('3.1.1');
    expect(body.info).toMatchObject({ title: 'Homing', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(body.servers).toEqual([{ url: homing.url }]);
    expect(body.tags.map(({ name }: { name: string }) => name).toSorted()).toEqual(APIS.toSorted());
  });

  it('describes an operation completely', async () => {
    const { body } = await get('/openapi/texting-blue.json');
    expect(body.paths['/v1/messages/{id}/cancel']).toMatchInlineSnapshot(`
      {
        "post": {
          "description": "Requires a key with the permission \`messages:send\`.",
          "operationId": "texting_blue_cancelMessage",
          "parameters": [
            {
              "description": "Id of the resource, as returned in responses.",
              "example": "msg_01m7ypkdxffkmb6tyeck3vccad",
              "in": "path",
              "name": "id",
              "required": true,
              "schema": {
                "type": "string",
              },
            },
          ],
          "responses": {
            "200": {
              "content": {
                "application/json": {
                  "schema": {
                    "$ref": "#/components/schemas/texting-blue.MessageDetail",
                  },
                },
              },
              "description": "The cancelled message, or a message that failed before.",
            },
            "202": {
              "content": {
                "application/json": {
                  "schema": {
                    "$ref": "#/components/schemas/texting-blue.MessageDetail",
                  },
                },
              },
              "description": "A device has the message and was asked to cancel it.",
            },
            "401": {
              "$ref": "#/components/responses/texting-blue.401",
            },
            "403": {
              "$ref": "#/components/responses/texting-blue.403",
            },
            "404": {
              "content": {
                "application/json": {
                  "examples": {
                    "not_found": {
                      "summary": "The id is unknown, or belongs to another account.",
                      "value": {
                        "error": {
                          "code": "not_found",
                          "message": "Message not found.",
                        },
                      },
                    },
                  },
                  "schema": {
                    "$ref": "#/components/schemas/texting-blue.Error",
                  },
                },
              },
              "description": "The id is unknown, or belongs to another account.",
            },
            "409": {
              "content": {
                "application/json": {
                  "examples": {
                    "conflict": {
                      "summary": "The message was already sent.",
                      "value": {
                        "error": {
                          "code": "conflict",
                          "message": "The message was already sent.",
                        },
                      },
                    },
                  },
                  "schema": {
                    "$ref": "#/components/schemas/texting-blue.Error",
                  },
                },
              },
              "description": "The message was already sent.",
            },
            "429": {
              "$ref": "#/components/responses/texting-blue.429",
            },
            "default": {
              "$ref": "#/components/responses/texting-blue.default",
            },
          },
          "security": [
            {
              "apiKey": [],
            },
          ],
          "summary": "Cancel an unsent message",
          "tags": [
            "texting-blue",
          ],
          "x-permission": "messages:send",
        },
      }
    `);
    expect(body.paths['/v1/messages'].get.parameters).toMatchInlineSnapshot(`
      [
        {
          "description": "Only messages from this number or address.",
          "in": "query",
          "name": "from",
          "required": false,
          "schema": {
            "maxLength": 320,
            "minLength": 1,
            "type": "string",
          },
        },
        {
          "description": "Only messages to this number or address.",
          "in": "query",
          "name": "to",
          "required": false,
          "schema": {
            "maxLength": 320,
            "minLength": 1,
            "type": "string",
          },
        },
        {
          "description": "Only messages with this status.",
          "in": "query",
          "name": "status",
          "required": false,
          "schema": {
            "enum": [
              "queued",
              "polling",
              "sent",
              "delivered",
              "failed",
              "received",
            ],
            "type": "string",
          },
        },
        {
          "description": "Only messages in this direction.",
          "example": "inbound",
          "in": "query",
          "name": "direction",
          "required": false,
          "schema": {
            "enum": [
              "inbound",
              "outbound",
            ],
            "type": "string",
          },
        },
        {
          "description": "\`true\`: only messages of blocked senders, which other lists omit.",
          "in": "query",
          "name": "is_blocked",
          "required": false,
          "schema": {
            "enum": [
              "true",
              "false",
            ],
            "type": "string",
          },
        },
        {
          "description": "Maximum number of rows.",
          "example": 20,
          "in": "query",
          "name": "limit",
          "required": false,
          "schema": {
            "maximum": 100,
            "minimum": 1,
            "type": "integer",
          },
        },
        {
          "description": "Cursor of the previous page.",
          "in": "query",
          "name": "cursor",
          "required": false,
          "schema": {
            "type": "string",
          },
        },
      ]
    `);
    expect(body.components.responses['texting-blue.429']).toMatchInlineSnapshot(`
      {
        "content": {
          "application/json": {
            "examples": {
              "rate_limited": {
                "summary": "Too many requests.",
                "value": {
                  "error": {
                    "code": "rate_limited",
                    "message": "Too many requests. Retry in 12 seconds.",
                  },
                },
              },
            },
            "schema": {
              "$ref": "#/components/schemas/texting-blue.Error",
            },
          },
        },
        "description": "Too many requests. Retry after the time in Retry-After.",
        "headers": {
          "Retry-After": {
            "description": "Time until the next request is accepted, in seconds.",
            "schema": {
              "minimum": 0,
              "type": "integer",
            },
          },
          "x-ratelimit-limit": {
            "description": "Maximum number of requests per minute.",
            "schema": {
              "minimum": 0,
              "type": "integer",
            },
          },
          "x-ratelimit-remaining": {
            "description": "Number of requests that are left in this minute.",
            "schema": {
              "minimum": 0,
              "type": "integer",
            },
          },
          "x-ratelimit-reset": {
            "description": "Time until the limit resets, in seconds.",
            "schema": {
              "minimum": 0,
              "type": "integer",
            },
          },
        },
      }
    `);
    expect(body.components.securitySchemes).toMatchInlineSnapshot(`
      {
        "apiKey": {
          "in": "header",
          "name": "x-api-key",
          "type": "apiKey",
        },
      }
    `);
  });

  it('refers to tools for assistants that describe every parameter and field', async () => {
    const headers = { authorization: `Bearer ${homing.testKey}` };
    const tools: { name: string; input_schema: Schema; output_schema: Schema }[] = (
      await get('/mcp/tools', headers)
    ).body.tools;
    const schemas = Object.fromEntries(
      tools.flatMap(({ name, input_schema: input, output_schema: output }) => [
        [`${name} parameters`, input],
        [`${name} result`, output],
      ]),
    );
    const fields = fieldsIn({ components: { schemas }, paths: {} });
    expect(fields.length).toBeGreaterThan(50);
    expect(fields.filter(({ description }) => description === undefined).map(({ place }) => place)).toEqual(
      [],
    );
  });

  it('returns an ETag, and 304 while the document is unchanged', async () => {
    const first = await get('/openapi.json');
    expect(first.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(first.headers.get('cache-control')).toBe('public, max-age=300');
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await get('/openapi.json', { 'if-none-match': known });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await get('/openapi.json', { 'if-none-match': '"other"' })).status).toBe(200);
    expect((await get('/openapi/textus.json')).headers.get('etag')).not.toBe(etag);
  });

  it.each(['textus', 'relay.json', 'shortcuts.json', 'inkbox-bare.json', '.json', 'undefined.json', 'x'])(
    'returns 404 for /openapi/%s',
    async (file) => {
      const { status, body } = await get(`/openapi/${file}`);
      expect([status, body.error.code]).toEqual([404, 'not_found']);
    },
  );
});

describe('the OpenAPI document', () => {
  let all: AllApis;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the document
  let document: any;
  let operations: readonly ListedOperation[];
  beforeAll(async () => {
    all = await startAllApis();
    document = await (await fetch(`${all.url}/openapi.json`)).json();
    // The document contains the Inkbox API once, under its other prefix.
    operations = all.operations.filter(({ api, isUnavailable }) => api !== 'inkbox-bare' && !isUnavailable);
  });
  afterAll(() => all?.stop());

  const pathOf = ({ path }: ListedOperation) => path.replaceAll(/:(\w+)/g, '{$1}');
  const nameOf = ({ api, id }: ListedOperation) => `${api}.${id}`;
  const specificationOf = (operation: ListedOperation) =>
    document.paths[pathOf(operation)][operation.method.toLowerCase()];

  /** Asserts that the document contains the status, and that the body matches its schema without other fields. */
  const expectDocumented = (operation: ListedOperation, { status, type, text, body }: Called) => {
    const detail = `${nameOf(operation)} → ${status} ${text.slice(0, 500)}`;
    const { responses } = specificationOf(operation);
    expect(Object.keys(responses), detail).toContain(String(status));
    const { $ref: ref } = responses[status];
    const { content } =
      ref === undefined ? responses[status] : document.components.responses[ref.split('/').at(-1)];
    expect(
      [type].filter((one) => one !== undefined),
      detail,
    ).toEqual(Object.keys(content ?? {}));
    if (content === undefined) return;
    expect(schemaOf(content[type!].schema).safeParse(body).error, detail).toBeUndefined();
    const strict = operation.responses[status]?.schema?.safeParse(body);
    // Parsing removes fields that the schema does not contain.
    if (strict !== undefined) expect(strict.data, detail).toEqual(body);
  };

  const known = new Map<object, z.ZodType>();
  const schemaOf = (schema: object): z.ZodType => {
    const cached = known.get(schema);
    if (cached !== undefined) return cached;
    const whole = JSON.stringify({ ...schema, $defs: document.components.schemas });
    const parsed = z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
    known.set(schema, parsed);
    return parsed;
  };

  it('contains every operation of the customer APIs, the health checks and the media links', () => {
    const described = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const customers = operations.map((operation) => `${operation.method} ${pathOf(operation)}`);
    const others = ['GET /healthz', 'GET /media/{id}', 'GET /readyz'];
    expect(described.toSorted()).toEqual([...customers, ...others].toSorted());
  });

  it('contains the request body, the 401 response and the permission of each operation', () => {
    for (const operation of operations) {
      const { id, body, file } = operation;
      const specification = specificationOf(operation);
      expect(specification.operationId, id).toMatch(new RegExp(`^[a-z_]+_${id}$`));
      expect(specification.requestBody !== undefined, id).toBe(body !== undefined || file !== undefined);
      if (file !== undefined) {
        const { schema } = specification.requestBody.content['multipart/form-data'];
        expect(schema.required, id).toEqual([file.field]);
      }
      if (body !== undefined)
        expect(specification.requestBody.content['application/json'], id).toHaveProperty('example');
      const isOpen = ['health', 'getContext'].includes(id);
      expect(specification.security.length === 0, id).toBe(isOpen);
      expect(Object.keys(specification.responses).includes('401'), id).toBe(!isOpen);
      expect(specification['x-permission'] === undefined, id).toBe(isOpen);
      for (const parameter of specification.parameters ?? []) {
        expect(parameter.description, `${id} ${parameter.name}`).toBeTypeOf('string');
      }
    }
  });

  it('contains an example of every path parameter', () => {
    for (const [path, methods] of Object.entries<object>(document.paths)) {
      for (const { operationId, parameters = [] } of Object.values(methods)) {
        const named = parameters.filter((one: { in: string }) => one.in === 'path');
        expect(named.length, operationId).toBe(path.split('{').length - 1);
        for (const { name, example } of named) expect(example, `${operationId} ${name}`).toBeTypeOf('string');
      }
    }
  });

  it('matches the response to the example of each operation without an id', async () => {
    const key = await all.newKey('default', 'test');
    const sent: string[] = [];
    for (const operation of operations) {
      const { params = {}, query, body } = operation.example ?? {};
      if (['id', 'text_id', 'remote_number', 'recipient'].some((name) => operation.path.includes(`:${name}`)))
        continue;
      if (/"\w+_id":/.test(JSON.stringify([query, body]))) continue;
      const [path = ''] = fillPath(
        operation.path,
        Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]])),
      );
      const search = query === undefined ? '' : `?${new URLSearchParams(query)}`;
      const sentBody = operation.file === undefined ? body : formWithPhoto(operation.file);
      const response = await all.call(key, operation.method, path + search, sentBody);
      expect(response.status, `${operation.method} ${path} → ${response.text}`).toBeLessThan(300);
      expectDocumented(operation, response);
      sent.push(operation.id);
    }
    expect(sent.length).toBeGreaterThan(20);
  });

  it('matches the error responses of each operation', async () => {
    const key = await all.newKey('default', 'test');
    const number = idsIn((await all.call(key, 'GET', '/numbers')).body);
    const statuses = new Set<number>();
    for (const operation of operations) {
      const { params = {} } = operation.example ?? {};
      const values = Object.entries(params).map(([name, value]): [string, string[]] => [name, [value]]);
      if (operation.api === 'inkbox') values.push(['id', number]);
      const [path = ''] = fillPath(operation.path, Object.fromEntries(values));
      for (const [caller, body] of [
        ['tb_test_nobody', {}],
        [key, []],
        [key, { text: 1, is_read: 'x' }],
      ] as const) {
        const sent = operation.body === undefined ? undefined : body;
        const url = `${path}?limit=x&q=&month=x&direction=x`;
        const response = await all.call(caller, operation.method, url, sent);
        expectDocumented(operation, response);
        statuses.add(response.status);
      }
    }
    expect([...statuses]).toEqual(expect.arrayContaining([400, 401, 404, 422]));
  });

  it('matches the responses of all operations on an account with data', async () => {
    await all.newAccount('furnished');
    const key = await all.newKey('furnished', 'test');
    const ids = new Set(await furnish(all, key, 'of-furnished', 'furnished'));
    const picture = { to: '+15005550010', content: 'Look', media_url: 'https://example.com/a.png' };
    const sent = await all.call(key, 'POST', '/v1/messages/send', picture);
    for (const id of idsIn(sent.body)) ids.add(id);

    const numbers = idsIn((await all.call(key, 'GET', '/numbers')).body);
    const served = new Set<string>();
    const callAll = async (called: readonly ListedOperation[]) => {
      const values = {
        // The ids of lists lead to other operations.
        id: [...ids].filter((id) => /\d/.test(id)),
        text_id: [...ids].filter((id) => /^[0-9a-f-]{36}$/.test(id)),
        ...{
          account: ['furnished'],
          slug: ['furnished'],
          remote_number: ['+15005550014'],
          recipient: ['+14155550100'],
          handle: ['+15005550011', 'default'],
        },
        reaction_id: [...ids].filter((id) => id.startsWith('rct_')),
        file: ['Message.jsonld', 'hydra:Collection.jsonld', 'WhatsApp::Template.jsonld', 'None.jsonld'],
      };
      for (const operation of called) {
        const { query, body } = operation.example ?? {};
        const bodies = operation.id === 'replayEvent' ? replayBodiesOf(ids) : [body];
        const paths = fillPath(
          operation.path,
          operation.api === 'inkbox' ? { ...values, id: [...numbers, 'none'] } : values,
        );
        for (const [path, sent] of paths.flatMap((one) => bodies.map((body) => [one, body] as const))) {
          const response = await all.call(
            key,
            operation.method,
            `${path}?${new URLSearchParams(query)}`,
            sent,
          );
          expectDocumented(operation, response);
          if (response.status >= 300) continue;
          served.add(nameOf(operation));
          for (const id of idsIn(response.body)) ids.add(id);
        }
      }
    };
    const reads = operations.filter(({ method }) => method === 'GET');
    const writes = operations.filter(({ method, path }) => method !== 'GET' && /:(id|text_id)\b/.test(path));
    await callAll(reads);
    // The second run uses the ids of the first responses.
    await callAll(reads);
    // These operations make others impossible.
    const last = [
      'removeParticipant',
      'removeReaction',
      'editMessage',
      'unsendMessage',
      'leaveGroup',
      'updateNumber',
      'deleteContactRule',
    ];
    const isLast = ({ id }: ListedOperation) => last.includes(id);
    const others = writes.filter((operation) => !isLast(operation));
    await callAll(others.filter(({ method }) => method !== 'DELETE').toReversed());
    for (const id of last) await callAll(writes.filter((operation) => operation.id === id));
    // A contact rule is a sender rule, so the deletion of the one needs a further rule for the other.
    const another = { handle: '+14155550178', action: 'allow' };
    for (const id of idsIn((await all.call(key, 'POST', '/v1/sender-rules', another)).body)) ids.add(id);
    await callAll(others.filter(({ method }) => method === 'DELETE'));
    expect([...reads, ...writes].map(nameOf).filter((name) => !served.has(name))).toEqual([]);
    expect(all.errors()).toEqual([]);
  });
});

/** Returns a replay body for each known event. */
function replayBodiesOf(ids: ReadonlySet<string>) {
  return [...ids].filter((id) => id.startsWith('evt_')).map((id) => ({ event_id: id }));
}
