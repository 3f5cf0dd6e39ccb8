/**
 * What broken and hostile clients send. Every case is answered in the documented error shape (or has its
 * connection closed, where there is nobody to answer), stores nothing, and leaves the broker at work.
 */
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningBroker } from '../support/homing-process.ts';
import {
  type Answer,
  type Client,
  clientFor,
  exchange,
  expectError,
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
/** The broker's limit for a body of this API. */
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
  // What clients do wrong is no fault of the broker.
  expect(homing.log().slice(loggedBefore)).not.toMatch(/"level":"(error|fatal)"/);
});

const sendRaw = (body: string | Uint8Array, headers?: Record<string, string>) =>
  client.request('POST', SEND, { body, ...(headers && { headers }) });

/** A whole request as bytes, with headers exactly as given. */
function rawSend(headers: string[], body: string | Uint8Array = VALID_JSON): Promise<Answer> {
  const lines = [`POST ${SEND} HTTP/1.1`, 'host: homing.test', `x-api-key: ${homing.testKey}`, ...headers];
  return exchange(
    homing.url,
    Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]),
  );
}

describe('a body', () => {
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
  ])('that is %s is refused', async (_what, body) => {
    expectError(await sendRaw(body), 400, 'invalid_request');
  });

  it.each(['null', 'true', '1', '"text"', '[]', `[${VALID_JSON}]`, '1e999'])(
    'that is %s and no object is refused',
    async (body) => {
      expectError(await sendRaw(body), 400, 'invalid_request');
      expectError(await client.request('POST', '/v1/numbers/verify', { body }), 400, 'invalid_request');
    },
  );

  it.each([
    ['lists', undefined, `${'['.repeat(32_000)}${']'.repeat(32_000)}`],
    ['objects', 'to', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ])('of %s nested as deep as fits is refused', async (_what, missing, nested) => {
    expect(nested.length).toBeLessThan(LIMIT - 200);
    expectError(await sendRaw(nested), 400, 'invalid_request', missing);
    for (const field of ['to', 'from', 'content', 'media_url']) {
      const body = JSON.stringify({ ...VALID, [field]: '?' }).replace('"?"', nested);
      expectError(await sendRaw(body), 400, 'invalid_request', field);
    }
  });

  it('nested 100,000 levels deep is refused, also where larger bodies are taken', async () => {
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
  ])('of the type %j is refused', async (type) => {
    expectError(await sendRaw(VALID_JSON, { 'content-type': type }), 400, 'invalid_request');
  });

  it.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'nonsense'])(
    'encoded as %s is refused',
    async (how) => {
      expectError(await sendRaw(gzipSync(VALID_JSON), { 'content-encoding': how }), 400, 'invalid_request');
    },
  );

  it('that is a gzip bomb is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '));
    expectError(await sendRaw(bomb, { 'content-encoding': 'gzip' }), 400, 'invalid_request');
  });

  it('one byte over the limit is refused with 413', async () => {
    const filler = 'x'.repeat(
      LIMIT + 1 - Buffer.byteLength(JSON.stringify({ ...VALID, to: '?', filler: '' })),
    );
    const atLimit = JSON.stringify({ ...VALID, to: '?', filler: filler.slice(1) });
    expect(Buffer.byteLength(atLimit)).toBe(LIMIT);
    expectError(await sendRaw(atLimit), 400, 'invalid_request', 'to');
    expectError(await sendRaw(JSON.stringify({ ...VALID, to: '?', filler })), 413, 'invalid_request');
  });

  it('of 10 MB is refused with 413', async () => {
    const big = JSON.stringify({ ...VALID, content: 'x'.repeat(10 * 1024 * 1024) });
    expectError(await sendRaw(big), 413, 'invalid_request');
    expectError(await client.request('POST', '/v1/numbers/verify', { body: big }), 413, 'invalid_request');
  });

  it('of 10 MB in chunks, its length untold, is refused with 413', async () => {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const answer = await rawSend(
      ['content-type: application/json', 'transfer-encoding: chunked'],
      `${chunk.repeat(160)}0\r\n\r\n`,
    );
    expectError(answer, 413, 'invalid_request');
  });

  it('that is announced as huge and never comes is refused with 413 at once', async () => {
    expectError(
      await rawSend(['content-type: application/json', 'content-length: 99999999999'], ''),
      413,
      'invalid_request',
    );
  });

  it('that breaks off with its connection stores nothing', async () => {
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

describe('prototype names', () => {
  it.each([
    '{"__proto__":{"to":"+15005550010","content":"Hi"}}',
    '{"constructor":{"prototype":{"to":"+15005550010"}},"content":"Hi"}',
    '{"__proto__":{"to":"+15005550010"},"from":"+15005550006","content":"Hi"}',
  ])('as fields give nothing: %s', async (body) => {
    expectError(await sendRaw(body), 400, 'invalid_request', 'to');
  });

  it('as values are values like others', async () => {
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

describe('headers', () => {
  it('that give the key twice are refused with 401', async () => {
    const answer = await rawSend([
      `X-Api-Key: ${homing.testKey}`,
      'content-type: application/json',
      `content-length: ${VALID_JSON.length}`,
    ]);
    expectError(answer, 401, 'unauthorized');
  });

  it('that give two Idempotency-Keys are refused with 400', async () => {
    for (const second of ['first-key', 'second-key']) {
      const answer = await rawSend([
        'idempotency-key: first-key',
        `Idempotency-Key: ${second}`,
        'content-type: application/json',
        `content-length: ${VALID_JSON.length}`,
      ]);
      expectError(answer, 400, 'invalid_request', 'Idempotency-Key');
    }
  });

  it('with an Idempotency-Key of other than printable ASCII are refused with 400', async () => {
    for (const key of ['schlüssel', 'a\tb\tc\td\te', '\x80'.repeat(8)]) {
      const answer = await rawSend([
        'content-type: application/json',
        `content-length: ${VALID_JSON.length}`,
        `idempotency-key: ${key}`,
      ]);
      expectError(answer, 400, 'invalid_request', 'Idempotency-Key');
    }
  });

  it.each([
    ['a single huge one', `x-huge: ${'x'.repeat(20_000)}\r\n`],
    ['many', Array.from({ length: 3_000 }, (_, n) => `x-${n}: ${n}\r\n`).join('')],
  ])('over the limit (%s) are refused with 431', async (_what, lines) => {
    const answer = await exchange(
      homing.url,
      `GET /v1/messages HTTP/1.1\r\nhost: homing.test\r\n${lines}\r\n`,
    );
    expectError(answer, 431, 'invalid_request');
  });

  it('with a huge path are refused with 431', async () => {
    expectError(
      await exchange(homing.url, requestHead('GET', `/${'x'.repeat(20_000)}`, {})),
      431,
      'invalid_request',
    );
  });

  it('that offer another protocol are answered as if they did not', async () => {
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
    const refused = await exchange(homing.url, requestHead('GET', '/v1/messages', offer));
    expectError(refused, 401, 'unauthorized');
  });

  it('that ask for a WebSocket elsewhere than at the relay are refused', async () => {
    const answer = await exchange(
      homing.url,
      requestHead('GET', '/v1/nothing', {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      }),
    );
    expectError(answer, 404, 'not_found');
  });
});

describe('paths and methods', () => {
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
  ])('that do not exist (%s) are not found', async (path) => {
    expectError(await client.get(path), 404, 'not_found');
    expectError(await clientFor(homing.url).delete(`${path}/more/of/it`), 404, 'not_found');
  });

  it.each(['/v1/messages/%', '/v1/messages/%zz', '/v1/messages/%c0%af', '/v1/numbers/%ff'])(
    'with broken percent-encoding (%s) are refused with 400',
    async (path) => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        expectError(await client.request(method, path), 400, 'invalid_request');
      }
    },
  );

  it('with broken percent-encoding in the query are read as well as can be', async () => {
    expect((await client.get('/v1/messages?from=%zz&to=%')).body.messages).toEqual([]);
    expectError(await client.get('/v1/messages?status=%zz'), 400, 'invalid_request', 'status');
  });

  it.each([
    ['DELETE', '/v1/messages', 'GET, HEAD'],
    ['POST', '/v1/messages', 'GET, HEAD'],
    ['GET', SEND, 'POST'],
    ['PUT', SEND, 'POST'],
    ['DELETE', '/v1/messages/msg_01m7ypkdxffkmb6tyeck3vccad', 'GET, HEAD'],
    ['GET', '/v1/messages/msg_01m7ypkdxffkmb6tyeck3vccad/cancel', 'POST'],
    ['POST', '/v1/numbers', 'GET, HEAD'],
    ['GET', '/v1/numbers/verify', 'POST'],
    ['GET', '/v1/numbers/num_01m7ypkdxffkmb6tyeck3vccad', 'PUT, DELETE'],
    ['PATCH', '/v1/numbers/num_01m7ypkdxffkmb6tyeck3vccad', 'PUT, DELETE'],
    ['OPTIONS', '/v1/numbers', 'GET, HEAD'],
    ['GET', '/relay/v1/poll', 'POST'],
  ])('%s %s is refused with 405 and allows %s', async (method, path, allowed) => {
    const answer = await client.request(method, path);
    expectError(answer, 405, 'method_not_allowed');
    const names = (list: string) => list.split(/,\s*/).sort();
    expect(names(answer.headers.get('allow') ?? '')).toEqual(names(allowed));
  });

  it('HEAD is answered as GET is, without the body', async () => {
    for (const path of ['/v1/messages', '/v1/numbers', '/v1/messages?limit=0', '/v1/nothing']) {
      const [head, get] = [await client.request('HEAD', path), await client.get(path)];
      expect(head.status).toBe(get.status);
      expect(head.text).toBe('');
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    }
    expect((await clientFor(homing.url).request('HEAD', '/v1/messages')).status).toBe(401);
    expect((await client.request('HEAD', SEND)).status).toBe(405);
  });

  it('a body where none is expected is not taken for the next request', async () => {
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
      const answer = await connection.answer();
      connection.write(hidden);
      expect([200, 404]).toContain(answer.status);
      connection.write(requestHead('GET', '/healthz', {}));
      expect((await connection.answer()).body).toEqual({ status: 'ok' });
    }
  });
});

describe('bytes that are no HTTP request', () => {
  it.each([
    ['garbage', 'hello there\r\n\r\n'],
    ['a TLS greeting', Buffer.from('16030100c8010000c40303000102030405060708090a0b0c0d0e0f', 'hex')],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown method', 'BREW /v1/messages HTTP/1.1\r\nhost: homing.test\r\n\r\n'],
    ['a header without a name', 'GET /v1/messages HTTP/1.1\r\nhost: homing.test\r\n: x\r\n\r\n'],
    ['NUL in a header', 'GET /v1/messages HTTP/1.1\r\nhost: homing.test\r\nx-api-key: a\0b\r\n\r\n'],
    ['a space in the path', 'GET /v1/mess ages HTTP/1.1\r\nhost: homing.test\r\n\r\n'],
    ['no host', 'GET /v1/messages HTTP/1.1\r\n\r\n'],
    [
      'a body with two lengths',
      `POST ${SEND} HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
    ],
    ['a negative length', `POST ${SEND} HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n`],
    [
      'a length and chunks',
      `POST ${SEND} HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
  ])('%s are refused with 400', async (_what, bytes) => {
    const connection = await openConnection(homing.url);
    connection.write(bytes);
    expectError(await connection.answer(), 400, 'invalid_request');
    await connection.closed;
  });

  it('broken chunks are refused with 400', async () => {
    const answer = await rawSend(
      ['content-type: application/json', 'transfer-encoding: chunked'],
      `${VALID_JSON.length.toString(16)}\r\n${VALID_JSON}\r\nnonsense\r\n`,
    );
    expectError(answer, 400, 'invalid_request');
  });

  it('a demand to be a proxy is refused', async () => {
    const connection = await openConnection(homing.url);
    connection.write('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n');
    await connection.closed;
  });

  it('a connection that says nothing disturbs nobody', async () => {
    const silent = await Promise.all(Array.from({ length: 50 }, () => openConnection(homing.url)));
    expect((await client.get('/v1/messages')).status).toBe(200);
    for (const connection of silent) connection.destroy();
  });

  it('many requests on one connection are answered one by one, in order', async () => {
    const connection = await openConnection(homing.url);
    const ask = (path: string) => requestHead('GET', path, { 'x-api-key': homing.testKey });
    connection.write(
      ask('/v1/messages') + ask('/v1/nothing') + ask('/v1/numbers') + ask('/v1/messages?limit=0'),
    );
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await connection.answer()).status);
    expect(statuses).toEqual([200, 404, 200, 400]);
    connection.destroy();
  });
});

// Last, since a broker that this ends would fail every test after it.
describe('a device whose frame is deeply nested', () => {
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const frameWith = (field: string) =>
    JSON.stringify({ type: 'report', seq: 1, items: [], [field]: '?' }).replace('"?"', nested);
  const authorization = () => `Bearer ${deviceToken}`;

  it.each(['seq', 'items', 'type'])('in its %s is answered by long-poll', async (field) => {
    const answer = await client.request('POST', '/relay/v1/poll', {
      headers: { authorization: authorization() },
      body: `{"frames":[{"type":"hello","protocol":1},${frameWith(field)}]}`,
    });
    expect([200, 400]).toContain(answer.status);
  });

  it.each(['seq', 'items', 'type'])('in its %s is answered over a WebSocket', async (field) => {
    const socket = new WebSocket(`${homing.url.replace('http', 'ws')}/relay/v1/session`, 'homing.relay.v1', {
      headers: { authorization: authorization() },
    });
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
  });
});
