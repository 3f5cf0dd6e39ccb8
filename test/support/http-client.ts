/**
 * HTTP clients for tests. `clientFor` returns an ordinary client with a key. `openConnection` opens a raw socket for
 * requests that no ordinary client sends. `expectError` asserts the documented error format.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import supertest, { type Response } from 'supertest';
import { expect } from 'vitest';
import { findTenant, createAccount as newAccount } from '../../broker/core/accounts/accounts.ts';
import {
  createKey,
  type KeyContext,
  type KeyPrefix,
  revokeKey as revokeKeyOf,
} from '../../broker/core/accounts/api-keys.ts';
import type { Permission } from '../../broker/core/model/api-key.ts';
import { DEFAULT_PLANS, type Plan } from '../../broker/core/model/plan.ts';
import { pairNumber } from '../../broker/core/numbers/device-pairing.ts';
import type { Store } from '../../broker/core/ports/store.ts';
import { secrets } from '../../broker/secrets.ts';
import { createIdSource, formatId, parseId } from '../../shared/ids.ts';
import { withStoreOf } from './broker-database.ts';
import type { RunningBroker } from './homing-process.ts';

export interface HttpResponse {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed JSON body; undefined for other bodies. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  body: any;
}

interface RequestOptions {
  headers?: Record<string, string>;
  /** Serialized as JSON; strings and bytes are sent unchanged. */
  body?: unknown;
}

export interface Client {
  key: string | undefined;
  request(method: string, path: string, options?: RequestOptions): Promise<HttpResponse>;
  get(path: string): Promise<HttpResponse>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<HttpResponse>;
  put(path: string, body: unknown): Promise<HttpResponse>;
  patch(path: string, body: unknown): Promise<HttpResponse>;
  delete(path: string): Promise<HttpResponse>;
}

const LARGE_BODY_BYTES = 32 * 1024;

export function clientFor(url: string, key?: string): Client {
  const request: Client['request'] = async (method, path, { headers = {}, body } = {}) => {
    // Escapes characters that a request line cannot contain, like a browser or fetch.
    const { pathname, search } = new URL(url + path);
    const request = supertest(url)
      [method.toLowerCase() as 'get'](pathname + search)
      .ok(() => true)
      .redirects(0)
      .buffer(true)
      .parse(readText)
      .set({ ...(key === undefined ? {} : { 'x-api-key': key }), ...headers });
    if (body === undefined) return fromSuperagent(await request);
    if (!Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')) {
      request.set('content-type', 'application/json');
    }
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    // As bytes, because superagent would set another content type for a string.
    const bytes = Buffer.from((isRaw ? body : JSON.stringify(body)) as string);
    // The broker rejects a large body before it has read all of it. Only fetch then still reads the response.
    if (bytes.length > LARGE_BODY_BYTES) {
      const all = new Headers({ 'content-type': 'application/json', ...(key && { 'x-api-key': key }) });
      for (const [name, value] of Object.entries(headers)) all.set(name, value);
      const response = await fetch(url + path, { method, headers: all, body: bytes });
      return parsedResponse(response.status, response.headers, await response.text());
    }
    request.serialize((bytes) => bytes as string);
    return fromSuperagent(await request.send(bytes as unknown as object));
  };
  return {
    key,
    request,
    get: (path) => request('GET', path),
    post: (path, body, headers) => request('POST', path, { body, ...(headers && { headers }) }),
    put: (path, body) => request('PUT', path, { body }),
    patch: (path, body) => request('PATCH', path, { body }),
    delete: (path) => request('DELETE', path),
  };
}

interface KeyOptions {
  account?: string;
  environment?: 'live' | 'test';
  permissions?: string;
  prefix?: KeyPrefix;
}

/** Creates an API key in the database of the running broker and returns a client with it. */
export async function createClient(
  homing: RunningBroker,
  { account = 'default', environment = 'test', permissions = '*', prefix = 'tb' }: KeyOptions = {},
): Promise<Client & { keyId: string; key: string }> {
  const input = {
    label: 'test',
    permissions: permissions.split(',') as Permission[],
    environment,
    account,
  };
  const created = await besideBroker(homing, (store, keyContext) =>
    store.transaction((tx) => createKey(tx, input, keyContext, prefix)),
  );
  return { ...clientFor(homing.url, created.key), key: created.key, keyId: formatId('key', created.id) };
}

export async function createAccount(homing: RunningBroker, slug: string, plan = 'enterprise'): Promise<void> {
  await besideBroker(homing, (store, keyContext) =>
    // The plan may be defined in the broker's plan file only.
    store.transaction((tx) => newAccount(tx, slug, plan, { [plan]: DEFAULT_PLANS.enterprise }, keyContext)),
  );
}

/** Pairs a device with a live number, like `homing pair`. */
export async function pairDevice(
  homing: RunningBroker,
  phoneNumber: string,
  { account = 'default', name = 'Test device' }: { account?: string; name?: string | undefined } = {},
): Promise<{ token: string; code: string; deviceId: string }> {
  const plan = DEFAULT_PLANS.enterprise as Plan;
  return besideBroker(homing, (store, keyContext) =>
    store.transaction(async (tx) => {
      const tenant = await findTenant(tx, account, 'live');
      return pairNumber(tx, tenant, plan, phoneNumber, name, keyContext);
    }),
  );
}

/** Revokes a key, like `homing keys revoke`. */
export async function revokeKey(homing: RunningBroker, keyId: string): Promise<void> {
  const id = parseId('key', keyId);
  if (id === undefined) throw new Error(`'${keyId}' is not a key id.`);
  await besideBroker(homing, (store, { now }) => store.transaction((tx) => revokeKeyOf(tx, id, now())));
}

/** Changes the plan of an account, like `homing accounts plan`. */
export async function setPlan(homing: RunningBroker, slug: string, plan: string): Promise<void> {
  await besideBroker(homing, (store) =>
    store.transaction(async (tx) => {
      const account = await tx.accounts.findBySlug(slug);
      if (account === undefined) throw new Error(`Account '${slug}' not found.`);
      await tx.accounts.setPlan(account.id, plan);
    }),
  );
}

/** Opens the database of the running broker, like the command line. */
export async function besideBroker<T>(
  broker: RunningBroker,
  work: (store: Store, keyContext: KeyContext) => Promise<T>,
): Promise<T> {
  const now = () => Date.now();
  return withStoreOf(broker, (store) => work(store, { now, ids: createIdSource(now), secrets }));
}

/** Asserts the documented error format: no other fields, no stack trace, no file name. */
export function expectError(response: HttpResponse, status: number, code: string, param?: string): void {
  const detail = `${response.status} ${response.text}`;
  expect(response.status, detail).toBe(status);
  expect(response.headers.get('content-type'), detail).toMatch(/^application\/json\b/);
  expect(Object.keys(response.body), detail).toEqual(['error']);
  const { error } = response.body;
  expect(error, detail).toEqual({
    code,
    message: expect.stringMatching(/^[^\n]{5,}$/),
    ...(param === undefined ? {} : { param }),
  });
  expect(error.message, detail).not.toMatch(/node_modules|node:internal|\.[jt]s\b|\bat \S+ \(/);
}

interface Connection {
  write(bytes: string | Uint8Array): void;
  /** Returns the next complete response. Throws if the connection closes without one. */
  response(): Promise<HttpResponse>;
  /** Resolves when the server closes the connection. */
  closed: Promise<void>;
  destroy(): void;
}

export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  await once(socket, 'connect');
  socket.setNoDelay(true);
  // Writes after the server closed the connection fail, as the tests intend.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const received = responseReader(socket);
  return {
    write: (bytes) => void socket.write(bytes),
    response: () => received.next(),
    closed,
    destroy: () => void socket.destroy(),
  };
}

/** Opens a connection, sends the bytes and returns the first response. */
export async function exchange(url: string, bytes: string | Uint8Array): Promise<HttpResponse> {
  const connection = await openConnection(url);
  try {
    connection.write(bytes);
    return await connection.response();
  } finally {
    connection.destroy();
  }
}

interface SlowRequest {
  /** Sends the rest of the body and returns the response. */
  finish(): Promise<HttpResponse>;
  destroy(): void;
}

/** Starts a request. Resolves when the broker has its headers and half of its body. */
export async function openSlowRequest(
  url: string,
  request: { method: string; path: string; key: string; body: unknown; headers?: Record<string, string> },
): Promise<SlowRequest> {
  const body = Buffer.from(JSON.stringify(request.body));
  const half = Math.floor(body.length / 2);
  const connection = await openConnection(url);
  connection.write(
    requestHead(request.method, request.path, {
      'x-api-key': request.key,
      'content-type': 'application/json',
      'content-length': String(body.length),
      expect: '100-continue',
      ...request.headers,
    }),
  );
  // The broker sends 100 Continue when it has the headers.
  const { status } = await connection.response();
  if (status !== 100) throw new Error(`Expected the status 100, received ${status}.`);
  connection.write(body.subarray(0, half));
  return {
    finish: async () => {
      connection.write(body.subarray(half));
      const response = await connection.response();
      connection.destroy();
      return response;
    },
    destroy: () => connection.destroy(),
  };
}

export function requestHead(method: string, path: string, headers: Record<string, string>): string {
  const lines = Object.entries({ host: 'homing.test', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

/** Reads the body as bytes. superagent would parse it by its content type, but the tests also need the text. */
function readText(response: unknown, done: (error: Error | null, body: unknown) => void): void {
  const stream = response as NodeJS.ReadableStream;
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', done);
  stream.on('end', () => done(null, Buffer.concat(chunks)));
}

function fromSuperagent({ status, headers, body }: Response): HttpResponse {
  const fields = Object.entries(headers as Record<string, string | string[]>);
  const all = fields.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
  return parsedResponse(status, new Headers(all), Buffer.isBuffer(body) ? body.toString('utf8') : '');
}

function parsedResponse(status: number, headers: Headers, text: string): HttpResponse {
  const isJson = headers.get('content-type')?.startsWith('application/json') && text !== '';
  return { status, headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** Parses the bytes of a socket into responses. */
function responseReader(socket: Socket): { next(): Promise<HttpResponse> } {
  let bytes = Buffer.alloc(0);
  let isEnded = false;
  let notify = () => {};
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    notify();
  });
  socket.on('close', () => {
    isEnded = true;
    notify();
  });
  const take = (): HttpResponse | undefined => {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
    const headers = new Headers(lines.map((line) => line.split(/:\s*(.*)/s, 2) as [string, string]));
    const status = Number(first.split(' ')[1]);
    const length = Number(headers.get('content-length') ?? 0);
    const start = end + 4;
    if (bytes.length < start + length) return undefined;
    const text = bytes.subarray(start, start + length).toString('utf8');
    bytes = bytes.subarray(start + length);
    return parsedResponse(status, headers, text);
  };
  return {
    async next() {
      for (;;) {
        const response = take();
        if (response !== undefined) return response;
        if (isEnded) throw new Error(`The connection closed without a response: ${bytes.toString('latin1')}`);
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
    },
  };
}
