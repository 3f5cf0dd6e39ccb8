/**
 * Tests malformed and hostile requests. Each one gets a documented error, or its connection is closed. None of them
 * stores anything, stops the broker or causes an error in its log.
 */
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningBroker } from '../support/homing-process.ts';
import {
  type Client,
  clientFor,
  exchange,
  expectError,
  type HttpResponse,
  openConnection,
  openSlowRequest,
  pairDevice,
  requestHead,
} from '../support/http-client.ts';
import { startInProcess } from '../support/in-process-broker.ts';
import { until } from '../support/until.ts';

const SEND = '/v1/messages/send';
const VALID = { to: '+15005550010', from: '+15005550006', content: 'Hi' };
const VALID_JSON = JSON.stringify(VALID);
/** Maximum body size of this API, in bytes. */
const LIMIT = 64 * 1024;

let homing: RunningBroker;
let client: Client;
let deviceToken: string;
let loggedBefore = 0;

beforeAll(async () => {
  homing = await startInProcess();
  client = clientFor(homing.url, homing.testKey);
  deviceToken = (await pairDevice(homing, '+14155550199')).token;
});
afterAll(() => homing?.dispose());

beforeEach(() => {
  loggedBefore = homing.log().length;
});
afterEach(async () => {
  expect((await client.get('/v1/messages')).body, 'nothing is stored').toEqual({
    messages: [],
    cursor: null,
    has_more: false,
  });
  expect((await clientFor(homing.url).get('/healthz')).status).toBe(200);
  // Client errors are not logged as errors.
  expect(homing.log().slice(loggedBefore)).not.toMatch(/"level":"(error|fatal)"/);
});

const sendRaw = (body: string | Uint8Array, headers?: Record<string, string>) =>
  client.request('POST', SEND, { body, ...(headers && { headers }) });

/** Sends a request as raw bytes, with exactly the given headers. */
function rawSend(headers: string[], body: string | Uint8Array = VALID_JSON): Promise<HttpResponse> {
  const lines = [`POST ${SEND} HTTP/1.1`, 'host: homing.test', `x-api-key: ${homing.testKey}`, ...headers];
  return exchange(
    homing.url,
    Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]),
  );
}

describe('POST /v1/messages/send', () => {
  it.each([
    ['empty', ''],
    ['only spaces', '   '],
    ['cut off', '{"to":"+15005550010","content":"Hi"'],
    ['cut off inside a string', '{"to":"+15005550010","content":"H'],
    ['followed by more', `${VALID_JSON}{}`],
    ['not JSON', 'to=%2B15005550010&content=Hi'],
    ['JavaScript', "{to:'+15005550010',content:'Hi'}"],
    ['with a comment', `/* hello */ ${VALID_JSON}`],
    ['with a trailing comma', '{"to":"+15005550010","content":"Hi",}'],
    ['with a bare line end in a string', '{"to":"+15005550010","content":"a\nb"}'],
    ['NaN', '{"to":"+15005550010","content":NaN}'],
    ['UTF-16', Buffer.from(VALID_JSON, 'utf16le')],
    ['not valid UTF-8', Buffer.from('{"to":"+15005550010","content":"\xff\xfe"}', 'latin1')],
    ['UTF-8 cut inside a character', Buffer.from('{"to":"+15005550010","content":"\xe2\x82"}', 'latin1')],
    ['overlong UTF-8', Buffer.from('{"to":"+15005550010","content":"\xc0\xaf"}', 'latin1')],
    ['a surrogate as UTF-8', Buffer.from('{"to":"+15005550010","content":"\xed\xa0\x80"}', 'latin1')],
    ['random bytes', Buffer.from(Array.from({ length: 4_096 }, (_, n) => (n * 7_919) % 256))],
    ['NUL bytes', Buffer.alloc(1_000)],
    ['brackets that never close', '['.repeat(60_000)],
    ['braces that never close', '{"a":'.repeat(12_000)],
  ])('returns 400 for this invalid body: %s', async (_case, body) => {
    expectError(await sendRaw(body), 400, 'invalid_request');
  });

  it.each(['null', 'true', '1', '"text"', '[]', `[${VALID_JSON}]`, '1e999'])(
    'returns 400 for a body that is not an object: %s',
    async (body) => {
      expectError(await sendRaw(body), 400, 'invalid_request');
      expectError(await client.request('POST', '/v1/numbers/verify', { body }), 400, 'invalid_request');
    },
  );

  it.each([
    ['lists', undefined, `${'['.repeat(32_000)}${']'.repeat(32_000)}`],
    ['objects', 'to', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ])('returns 400 for %s nested to the size limit', async (_case, missing, nested) => {
    expect(nested.length).toBeLessThan(LIMIT - 200);
    expectError(await sendRaw(nested), 400, 'invalid_request', missing);
    for (const field of ['to', 'from', 'content', 'media_url']) {
      const body = JSON.stringify({ ...VALID, [field]: '?' }).replace('"?"', nested);
      expectError(await sendRaw(body), 400, 'invalid_request', field);
    }
  });

  it('returns 413 for 100,000 nested levels, and long-poll, with its larger limit, returns 400', async () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expectError(await sendRaw(nested), 413, 'invalid_request');
    const poll = (body: string) =>
      client.request('POST', '/relay/v1/poll', {
        body,
        headers: { authorization: `Bearer ${deviceToken}` },
      });
    expectError(await poll(nested), 400, 'invalid_request');
    expectError(await poll(`{"session":${nested}}`), 400, 'invalid_request', 'session');
    expectError(await poll(`{"frames":${nested}}`), 400, 'invalid_request', 'frames');
  });

  it.each([
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/xml',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    'application/jsonp',
    'nonsense',
    '',
  ])('returns 400 for the content type %j', async (type) => {
    expectError(await sendRaw(VALID_JSON, { 'content-type': type }), 400, 'invalid_request');
  });

  it.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'nonsense'])(
    'returns 400 for the content encoding %s',
    async (how) => {
      expectError(await sendRaw(gzipSync(VALID_JSON), { 'content-encoding': how }), 400, 'invalid_request');
    },
  );

  it('returns 400 for a gzip bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '));
    expectError(await sendRaw(bomb, { 'content-encoding': 'gzip' }), 400, 'invalid_request');
  });

  it('returns 413 for a body one byte over the limit', async () => {
    const filler = 'x'.repeat(
      LIMIT + 1 - Buffer.byteLength(JSON.stringify({ ...VALID, to: '?', filler: '' })),
    );
    const atLimit = JSON.stringify({ ...VALID, to: '?', filler: filler.slice(1) });
    expect(Buffer.byteLength(atLimit)).toBe(LIMIT);
    expectError(await sendRaw(atLimit), 400, 'invalid_request', 'to');
    expectError(await sendRaw(JSON.stringify({ ...VALID, to: '?', filler })), 413, 'invalid_request');
  });

  it('returns 413 for a body of 10 MB', async () => {
    const big = JSON.stringify({ ...VALID, content: 'x'.repeat(10 * 1024 * 1024) });
    expectError(await sendRaw(big), 413, 'invalid_request');
    expectError(await client.request('POST', '/v1/numbers/verify', { body: big }), 413, 'invalid_request');
  });

  it('returns 413 for a chunked body of 10 MB without a Content-Length', async () => {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const response = await rawSend(
      ['content-type: application/json', 'transfer-encoding: chunked'],
      `${chunk.repeat(160)}0\r\n\r\n`,
    );
    expectError(response, 413, 'invalid_request');
  });

  it('returns 413 for a huge Content-Length without waiting for the body', async () => {
    expectError(
      await rawSend(['content-type: application/json', 'content-length: 99999999999'], ''),
      413,
      'invalid_request',
    );
  });

  it('stores nothing if the connection closes before the end of the body', async () => {
    const slow = await openSlowRequest(homing.url, {
      method: 'POST',
      path: SEND,
      key: homing.testKey,
      body: VALID,
    });
    slow.destroy();
    const connection = await openConnection(homing.url);
    connection.write(
      requestHead('POST', SEND, {
        'x-api-key': homing.testKey,
        'content-type': 'application/json',
        'content-length': String(VALID_JSON.length + 1),
      }) + VALID_JSON,
    );
    connection.destroy();
  });
});

describe('a name of Object.prototype', () => {
  it.each([
    '{"__proto__":{"to":"+15005550010","content":"Hi"}}',
    '{"constructor":{"prototype":{"to":"+15005550010"}},"content":"Hi"}',
    '{"__proto__":{"to":"+15005550010"},"from":"+15005550006","content":"Hi"}',
  ])('sets no field of the request: %s', async (body) => {
    expectError(await sendRaw(body), 400, 'invalid_request', 'to');
  });

  it('is an ordinary value in a body, a query and a path', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expectError(await client.post(SEND, { ...VALID, to: name }), 400, 'invalid_request', 'to');
      expectError(await client.get(`/v1/messages?status=${name}`), 400, 'invalid_request', 'status');
      expectError(await client.get(`/v1/messages?direction=${name}`), 400, 'invalid_request', 'direction');
      expect((await client.get(`/v1/messages?from=${name}&to=${name}`)).body.messages).toEqual([]);
      expect((await client.get(`/v1/messages?${name}=1&${name}=2`)).status).toBe(200);
      expectError(await client.get(`/v1/messages/${name}`), 404, 'not_found');
      expectError(await client.get(`/${name}`), 404, 'not_found');
    }
  });
});

describe('a request', () => {
  it('with two API keys returns 401', async () => {
    const response = await rawSend([
      `X-Api-Key: ${homing.testKey}`,
      'content-type: application/json',
      `content-length: ${VALID_JSON.length}`,
    ]);
    expectError(response, 401, 'unauthorized');
  });

  it('with two Host headers returns 400', async () => {
    const response = await rawSend([
      'Host: evil.example',
      'content-type: application/json',
      `content-length: ${VALID_JSON.length}`,
    ]);
    expectError(response, 400, 'invalid_request');
    expect(response.body.error.message).toBe('There is more than one Host header.');
  });

  it('gets a response that browsers do not interpret as another type, whatever its status', async () => {
    const client = clientFor(homing.url, homing.testKey);
    for (const path of [
      '/v1/messages',
      '/v1/messages?limit=x',
      '/healthz',
      '/unknown',
      '/docs',
      '/openapi.json',
    ]) {
      expect([path, (await client.get(path)).headers.get('x-content-type-options')]).toEqual([
        path,
        'nosniff',
      ]);
    }
  });

  it('gets a response with a unique request id, whatever its status', async () => {
    const client = clientFor(homing.url, homing.testKey);
    const ids = new Set<string | null>();
    for (const path of [
      '/v1/messages',
      '/v1/messages',
      '/v1/messages?limit=x',
      '/healthz',
      '/unknown',
      '/docs',
    ]) {
      const id = (await client.get(path)).headers.get('x-request-id');
      expect([path, id]).toEqual([path, expect.stringMatching(/^req_[0-9a-z]{26}$/)]);
      ids.add(id);
    }
    expect(ids.size).toBe(6);
  });

  it('with a control character in a URL returns 400', async () => {
    const client = clientFor(homing.url, homing.testKey);
    const url = 'https://example.com/a\nb';
    expectError(
      await client.post('/v1/webhooks', { url, events: ['message.sent'] }),
      400,
      'invalid_request',
      'url',
    );
  });

  it('with two Idempotency-Key headers returns 400', async () => {
    for (const second of ['first-key', 'second-key']) {
      const response = await rawSend([
        'idempotency-key: first-key',
        `Idempotency-Key: ${second}`,
        'content-type: application/json',
        `content-length: ${VALID_JSON.length}`,
      ]);
      expectError(response, 400, 'invalid_request', 'Idempotency-Key');
    }
  });

  it('with an Idempotency-Key of other characters than printable ASCII returns 400', async () => {
    for (const key of ['schlüssel', 'a\tb\tc\td\te', '\x80'.repeat(8)]) {
      const response = await rawSend([
        'content-type: application/json',
        `content-length: ${VALID_JSON.length}`,
        `idempotency-key: ${key}`,
      ]);
      expectError(response, 400, 'invalid_request', 'Idempotency-Key');
    }
  });

  it.each([
    ['one large header', `x-huge: ${'x'.repeat(20_000)}\r\n`],
    ['many headers', Array.from({ length: 3_000 }, (_, n) => `x-${n}: ${n}\r\n`).join('')],
  ])('with headers over the size limit (%s) returns 431', async (_case, lines) => {
    const response = await exchange(
      homing.url,
      `GET /v1/messages HTTP/1.1\r\nhost: homing.test\r\n${lines}\r\n`,
    );
    expectError(response, 431, 'invalid_request');
  });

  it('with a path of 20,000 characters returns 431', async () => {
    expectError(
      await exchange(homing.url, requestHead('GET', `/${'x'.repeat(20_000)}`, {})),
      431,
      'invalid_request',
    );
  });

  it('that offers an upgrade to h2c gets an HTTP/1.1 response', async () => {
    const offer = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAoAAA',
    };
    const listed = await exchange(
      homing.url,
      requestHead('GET', '/v1/messages', { 'x-api-key': homing.testKey, ...offer }),
    );
    expect(listed.status, listed.text).toBe(200);
    const unauthorized = await exchange(homing.url, requestHead('GET', '/v1/messages', offer));
    expectError(unauthorized, 401, 'unauthorized');
  });

  it('for a WebSocket at another path than the relay returns 404', async () => {
    const response = await exchange(
      homing.url,
      requestHead('GET', '/v1/nothing', {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      }),
    );
    expectError(response, 404, 'not_found');
  });
});

describe('a path or method', () => {
  it.each([
    '/v1',
    '/v1/nothing',
    '/v2/messages',
    '/v1/messages/a/b',
    '/v1//messages',
    '/v1/messages/%00',
    '/v1/messages/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/index.html',
    '/.env',
    '/v1/messages/%F0%9F%98%80',
    '/relay/v1/nothing',
  ])('that does not exist (%s) returns 404', async (path) => {
    expectError(await client.get(path), 404, 'not_found');
    expectError(await clientFor(homing.url).delete(`${path}/more/of/it`), 404, 'not_found');
  });

  it.each(['/v1/messages/%', '/v1/messages/%zz', '/v1/messages/%c0%af', '/v1/numbers/%ff'])(
    'with invalid percent-encoding (%s) returns 400',
    async (path) => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        expectError(await client.request(method, path), 400, 'invalid_request');
      }
    },
  );

  it('with invalid percent-encoding in the query is parsed literally', async () => {
    expect((await client.get('/v1/messages?from=%zz&to=%')).body.messages).toEqual([]);
    expectError(await client.get('/v1/messages?status=%zz'), 400, 'invalid_request', 'status');
  });

  it.each([
    ['DELETE', '/v1/messages', 'GET, HEAD'],
    ['POST', '/v1/messages', 'GET, HEAD'],
    ['GET', SEND, 'POST'],
    ['PUT', SEND, 'POST'],
    ['DELETE', '/v1/messages/msg_01m7ypkdxffkmb6tyeck3vccad', 'GET, HEAD, PATCH'],
    ['GET', '/v1/messages/msg_01m7ypkdxffkmb6tyeck3vccad/cancel', 'POST'],
    ['POST', '/v1/numbers', 'GET, HEAD'],
    ['GET', '/v1/numbers/verify', 'POST'],
    ['GET', '/v1/numbers/num_01m7ypkdxffkmb6tyeck3vccad', 'PUT, DELETE'],
    ['PATCH', '/v1/numbers/num_01m7ypkdxffkmb6tyeck3vccad', 'PUT, DELETE'],
    ['OPTIONS', '/v1/numbers', 'GET, HEAD'],
    ['GET', '/relay/v1/poll', 'POST'],
  ])('%s %s returns 405 with Allow: %s', async (method, path, allowed) => {
    const response = await client.request(method, path);
    expectError(response, 405, 'method_not_allowed');
    const names = (list: string) => list.split(/,\s*/).sort();
    expect(names(response.headers.get('allow') ?? '')).toEqual(names(allowed));
  });

  it('HEAD returns the status and content type of GET, without a body', async () => {
    for (const path of ['/v1/messages', '/v1/numbers', '/v1/messages?limit=0', '/v1/nothing']) {
      const [head, get] = [await client.request('HEAD', path), await client.get(path)];
      expect(head.status).toBe(get.status);
      expect(head.text).toBe('');
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    }
    expect((await clientFor(homing.url).request('HEAD', '/v1/messages')).status).toBe(401);
    expect((await client.request('HEAD', SEND)).status).toBe(405);
  });

  it('without a body discards a body, and does not parse it as the next request', async () => {
    const hidden =
      requestHead('POST', SEND, {
        'x-api-key': homing.testKey,
        'content-type': 'application/json',
        'content-length': String(VALID_JSON.length),
      }) + VALID_JSON;
    for (const [method, path] of [
      ['GET', '/v1/messages'],
      ['GET', '/v1/nothing'],
      ['DELETE', '/v1/numbers/nonsense'],
    ] as const) {
      const connection = await openConnection(homing.url);
      connection.write(
        requestHead(method, path, {
          'x-api-key': homing.testKey,
          'content-length': String(hidden.length),
        }),
      );
      const response = await connection.response();
      connection.write(hidden);
      expect([200, 404]).toContain(response.status);
      connection.write(requestHead('GET', '/healthz', {}));
      expect((await connection.response()).body).toEqual({ status: 'ok' });
    }
  });
});

describe('a connection', () => {
  it.each([
    ['garbage', 'hello there\r\n\r\n'],
    ['a TLS ClientHello', Buffer.from('16030100c8010000c40303000102030405060708090a0b0c0d0e0f', 'hex')],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown method', 'BREW /v1/messages HTTP/1.1\r\nhost: homing.test\r\n\r\n'],
    ['a header without a name', 'GET /v1/messages HTTP/1.1\r\nhost: homing.test\r\n: x\r\n\r\n'],
    ['NUL in a header', 'GET /v1/messages HTTP/1.1\r\nhost: homing.test\r\nx-api-key: a\0b\r\n\r\n'],
    ['a space in the path', 'GET /v1/mess ages HTTP/1.1\r\nhost: homing.test\r\n\r\n'],
    ['no Host header', 'GET /v1/messages HTTP/1.1\r\n\r\n'],
    [
      'a body with two Content-Length headers',
      `POST ${SEND} HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
    ],
    ['a negative Content-Length', `POST ${SEND} HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n`],
    [
      'a Content-Length and chunks',
      `POST ${SEND} HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
  ])('gets a 400 response for bytes that are not an HTTP request: %s', async (_case, bytes) => {
    const connection = await openConnection(homing.url);
    connection.write(bytes);
    expectError(await connection.response(), 400, 'invalid_request');
    await connection.closed;
  });

  it('gets a 400 response for invalid chunks', async () => {
    const response = await rawSend(
      ['content-type: application/json', 'transfer-encoding: chunked'],
      `${VALID_JSON.length.toString(16)}\r\n${VALID_JSON}\r\nnonsense\r\n`,
    );
    expectError(response, 400, 'invalid_request');
  });

  it('is closed after a CONNECT request', async () => {
    const connection = await openConnection(homing.url);
    connection.write('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n');
    await connection.closed;
  });

  it('without a request does not affect other connections', async () => {
    const silent = await Promise.all(Array.from({ length: 50 }, () => openConnection(homing.url)));
    expect((await client.get('/v1/messages')).status).toBe(200);
    for (const connection of silent) connection.destroy();
  });

  it('with several pipelined requests gets the responses in order', async () => {
    const connection = await openConnection(homing.url);
    const head = (path: string) => requestHead('GET', path, { 'x-api-key': homing.testKey });
    connection.write(
      head('/v1/messages') + head('/v1/nothing') + head('/v1/numbers') + head('/v1/messages?limit=0'),
    );
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await connection.response()).status);
    expect(statuses).toEqual([200, 404, 200, 400]);
    connection.destroy();
  });
});

// Last: if a case ended the broker, all following tests would fail too.
describe('a deeply nested frame of a device', () => {
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const frameWith = (field: string) =>
    JSON.stringify({ type: 'report', seq: 1, items: [], [field]: '?' }).replace('"?"', nested);
  const authorization = () => `Bearer ${deviceToken}`;

  it.each(['seq', 'items', 'type'])('in the field %s gets a response over long-poll', async (field) => {
    const response = await client.request('POST', '/relay/v1/poll', {
      headers: { authorization: authorization() },
      body: `{"frames":[{"type":"hello","protocol":1},${frameWith(field)}]}`,
    });
    expect([200, 400]).toContain(response.status);
  });

  it.each(['seq', 'items', 'type'])(
    'in the field %s gets an error frame or ends the session over a WebSocket',
    async (field) => {
      const socket = new WebSocket(
        `${homing.url.replace('http', 'ws')}/relay/v1/session`,
        'homing.relay.v1',
        {
          headers: { authorization: authorization() },
        },
      );
      await once(socket, 'open');
      socket.send('{"type":"hello","protocol":1}');
      socket.send(frameWith(field));
      const types: string[] = [];
      socket.on('message', (frame) => types.push(JSON.parse(String(frame)).type));
      await until(
        'an error frame or the end of the session',
        () => types.includes('error') || socket.readyState === WebSocket.CLOSED,
      );
      socket.terminate();
    },
  );
});
