/** Tests invalid protocol messages to `POST /mcp`: each one gets a JSON-RPC error. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

let homing: RunningBroker;
beforeAll(async () => {
  homing = await startInProcess();
});
afterAll(async () => {
  // Client errors are not logged as errors.
  expect(homing.log()).not.toMatch(/"level":"(error|fatal)"/);
  await homing?.dispose();
});

const send = (body: unknown, headers: Record<string, string> = {}, method = 'POST') =>
  clientFor(homing.url, homing.testKey).request(method, '/mcp', { body, headers });

describe('POST /mcp', () => {
  it.each<[string, unknown, number, RegExp]>([
    ['an empty body', '', -32_700, /is empty/],
    ['a truncated message', '{"jsonrpc":"2.0"', -32_700, /not valid JSON/],
    ['invalid UTF-8', Buffer.from('{"jsonrpc":"2.0","method":"\xff"}', 'latin1'), -32_700, /UTF-8/],
    ['a string', '"ping"', -32_600, /one JSON-RPC message/],
    ['null', 'null', -32_600, /one JSON-RPC message/],
    ['a batch', [PING, { ...PING, id: 2 }], -32_600, /Batches are not supported/],
    ['an empty batch', [], -32_600, /Batches are not supported/],
    ['another version of JSON-RPC', { ...PING, jsonrpc: '1.0' }, -32_600, /'jsonrpc' must be "2\.0"/],
    ['no version of JSON-RPC', { id: 1, method: 'ping' }, -32_600, /'jsonrpc'/],
    ['an id that is null', { ...PING, id: null }, -32_600, /'id' must be/],
    ['an id with a fraction', { ...PING, id: 1.5 }, -32_600, /'id' must be/],
    ['a method that is a number', { ...PING, method: 5 }, -32_600, /'method' must be a string/],
    ['parameters that are a list', { ...PING, params: [] }, -32_600, /'params' must be an object/],
    ['neither method nor result', { jsonrpc: '2.0', id: 1 }, -32_700, /Invalid JSON-RPC message/],
  ])('returns 400 for %s', async (_case, body, code, message) => {
    const { status, body: response } = await send(body);
    expect([status, response.jsonrpc, response.id, response.error.code]).toEqual([400, '2.0', null, code]);
    expect(response.error.message).toMatch(message);
  });

  it.each<[string, Record<string, unknown>, number, RegExp]>([
    ['an unknown method', { ...PING, method: 'tools/burn' }, -32_601, /Method not found/],
    ['a call without parameters', { ...PING, method: 'tools/call' }, -32_602, /Invalid tools\/call/],
    [
      'a call with a number as the tool name',
      { ...PING, method: 'tools/call', params: { name: 5 } },
      -32_602,
      /name/,
    ],
    [
      'a call with a list of arguments',
      { ...PING, method: 'tools/call', params: { name: 'messages.get', arguments: [] } },
      -32_602,
      /arguments/,
    ],
    [
      'a call of an unknown tool',
      { ...PING, method: 'tools/call', params: { name: 'x' } },
      -32_602,
      /Unknown tool 'x'/,
    ],
    [
      'a call of the tool __proto__',
      { ...PING, method: 'tools/call', params: { name: '__proto__' } },
      -32_602,
      /Unknown tool/,
    ],
  ])('returns a JSON-RPC error with the id of the request for %s', async (_case, body, code, message) => {
    const { status, body: response } = await send({ ...body, id: 'seven' });
    expect([status, response.id, response.error.code]).toEqual([200, 'seven', code]);
    expect(response.error.message).toMatch(message);
  });

  it.each([
    ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized' }],
    ['an unknown notification', { jsonrpc: '2.0', method: 'notifications/whatever' }],
    [
      'a cancellation of a finished request',
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
    ],
    ['a response without a request', { jsonrpc: '2.0', id: 1, result: {} }],
  ])('returns 202 without a body for %s', async (_case, body) => {
    const { status, text } = await send(body);
    expect([status, text]).toEqual([202, '']);
  });

  it('is the only method: GET, DELETE and PUT return 405 with Allow', async () => {
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const { status, headers, body } = await send(undefined, { accept: 'text/event-stream' }, method);
      expect([status, headers.get('allow'), body.error.code]).toEqual([405, 'POST', -32_000]);
    }
  });

  it('returns JSON if the Accept header allows it, otherwise 406', async () => {
    for (const accept of [
      'application/json, text/event-stream',
      'application/json',
      '*/*',
      'text/html, application/*;q=0.5',
    ]) {
      const { status, headers, body } = await send(PING, { accept });
      expect([status, body], accept).toEqual([200, { jsonrpc: '2.0', id: 1, result: {} }]);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.has('mcp-session-id')).toBe(false);
    }
    for (const accept of ['text/event-stream', 'text/html', 'application/jsonx']) {
      const { status, body } = await send(PING, { accept });
      expect([status, body.error.data.code], accept).toEqual([406, 'not_acceptable']);
      expect(body.error.data.fix).toMatch(/application\/json, text\/event-stream/);
    }
  });

  it('returns 400 for another content type and 413 for a body over 64 KB', async () => {
    expect((await send('jsonrpc=2.0', { 'content-type': 'text/plain' })).status).toBe(400);
    const { status, body } = await send({ ...PING, params: { text: 'x'.repeat(70_000) } });
    expect([status, body.error.data.code]).toEqual([413, 'payload_too_large']);
  });

  it('accepts the supported protocol versions and returns 400 for others', async () => {
    for (const version of ['2025-11-25', '2025-06-18', '2025-03-26']) {
      expect((await send(LIST, { 'mcp-protocol-version': version })).status, version).toBe(200);
    }
    const { status, body } = await send(LIST, { 'mcp-protocol-version': '1999-01-01' });
    expect([status, body.error.code]).toEqual([400, -32_000]);
    expect(body.error.message).toMatch(/Unsupported protocol version: 1999-01-01 \(supported versions: 20/);
  });

  it('offers the latest protocol version to a client with an unknown version', async () => {
    const params = {
      protocolVersion: '1999-01-01',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    const { body } = await send({ ...PING, method: 'initialize', params });
    expect(body.result.protocolVersion).toBe('2025-11-25');
  });

  it('returns 401 with the next step if the key is missing', async () => {
    const { status, headers, body } = await clientFor(homing.url).post('/mcp', PING);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(body.error).toMatchObject({
      code: -32_000,
      data: { code: 'unauthorized', retry: 'do_not_retry' },
    });
    expect(body.error.data.fix).toMatch(/Authorization: Bearer/);
  });

  it('validates deeply nested arguments without a failure', async () => {
    const deep = `${'['.repeat(15_000)}${']'.repeat(15_000)}`;
    const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"messages.get","arguments":{"id":${deep}}}}`;
    const { status, body } = await send(call);
    expect([status, body.result?.isError]).toEqual([200, true]);
    expect(body.result.content[0].text).toMatch(/'id' must be a string/);
  });
});
