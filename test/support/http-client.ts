/**
 * HTTP as customers' programs speak it, and as broken ones do. `clientFor` is an ordinary client with a key;
 * `openConnection` is a bare socket for what no ordinary client sends. Errors are looked at in one place:
 * `expectError` holds every refusal to the documented shape.
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
import { databaseFile } from '../../broker/data-folder.ts';
import { secrets } from '../../broker/secrets.ts';
import { openSqliteStore } from '../../broker/store/open.ts';
import { createIdSource, formatId, parseId } from '../../shared/ids.ts';
import type { RunningBroker } from './homing-process.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON that came; undefined where there was none. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever was answered
  body: any;
}

interface RequestOptions {
  headers?: Record<string, string>;
  /** Sent as JSON; text and bytes are sent as they are. */
  body?: unknown;
}

export interface Client {
  key: string | undefined;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
}

const LARGE_BODY_BYTES = 32 * 1024;

export function clientFor(url: string, key?: string): Client {
  const request: Client['request'] = async (method, path, { headers = {}, body } = {}) => {
    // As a browser or fetch does: characters that a request line cannot contain are escaped.
    const { pathname, search } = new URL(url + path);
    const test = supertest(url)
      [method.toLowerCase() as 'get'](pathname + search)
      .ok(() => true)
      .redirects(0)
      .buffer(true)
      .parse(readText)
      .set({ ...(key === undefined ? {} : { 'x-api-key': key }), ...headers });
    if (body === undefined) return answerFrom(await test);
    if (!Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')) {
      test.set('content-type', 'application/json');
    }
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    // As bytes: superagent would give a string a content type of its own.
    const bytes = Buffer.from((isRaw ? body : JSON.stringify(body)) as string);
    // The broker rejects a large body before it has read all of it. Only fetch then still reads the response.
    if (bytes.length > LARGE_BODY_BYTES) {
      const all = new Headers({ 'content-type': 'application/json', ...(key && { 'x-api-key': key }) });
      for (const [name, value] of Object.entries(headers)) all.set(name, value);
      const response = await fetch(url + path, { method, headers: all, body: bytes });
      return answerOf(response.status, response.headers, await response.text());
    }
    test.serialize((given) => given as string);
    return answerFrom(await test.send(bytes as unknown as object));
  };
  return {
    key,
    request,
    get: (path) => request('GET', path),
    post: (path, body, headers) => request('POST', path, { body, ...(headers && { headers }) }),
    put: (path, body) => request('PUT', path, { body }),
    delete: (path) => request('DELETE', path),
  };
}

interface KeyOptions {
  account?: string;
  environment?: 'live' | 'test';
  permissions?: string;
  prefix?: KeyPrefix;
}

/** A client with a new key of its own, made beside the running broker, as the command line makes them. */
export async function createClient(
  homing: RunningBroker,
  { account = 'default', environment = 'test', permissions = '*', prefix = 'tb' }: KeyOptions = {},
): Promise<Client & { keyId: string; key: string }> {
  const wanted = {
    label: 'test',
    permissions: permissions.split(',') as Permission[],
    environment,
    account,
  };
  const made = await besideBroker(homing, (store, keyContext) =>
    store.transaction((tx) => createKey(tx, wanted, keyContext, prefix)),
  );
  return { ...clientFor(homing.url, made.key), key: made.key, keyId: formatId('key', made.id) };
}

export async function createAccount(homing: RunningBroker, slug: string, plan = 'enterprise'): Promise<void> {
  await besideBroker(homing, (store, keyContext) =>
    // The plan may be one of a file that the broker was started with.
    store.transaction((tx) => newAccount(tx, slug, plan, { [plan]: DEFAULT_PLANS.enterprise }, keyContext)),
  );
}

/** Pairs a device for a live number, as `homing pair` does. */
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

/** Revokes a key, as `homing keys revoke` does. */
export async function revokeKey(homing: RunningBroker, keyId: string): Promise<void> {
  const id = parseId('key', keyId);
  if (id === undefined) throw new Error(`'${keyId}' is not the id of a key.`);
  await besideBroker(homing, (store, { now }) => store.transaction((tx) => revokeKeyOf(tx, id, now())));
}

/** Changes the plan of an account, as `homing accounts plan` does. */
export async function setPlan(homing: RunningBroker, slug: string, plan: string): Promise<void> {
  await besideBroker(homing, (store) =>
    store.transaction(async (tx) => {
      const account = await tx.accounts.findBySlug(slug);
      if (account === undefined) throw new Error(`There is no account '${slug}'.`);
      await tx.accounts.setPlan(account.id, plan);
    }),
  );
}

/** Works on the broker's database while the broker runs, as the command line does. */
export async function besideBroker<T>(
  { dataDir }: RunningBroker,
  work: (store: Store, keyContext: KeyContext) => Promise<T>,
): Promise<T> {
  const now = () => Date.now();
  const { store } = openSqliteStore({ file: databaseFile(dataDir) });
  try {
    return await work(store, { now, ids: createIdSource(now), secrets });
  } finally {
    await store.close();
  }
}

/** The documented error shape, and nothing beside it: no stack, no file name, no other field. */
export function expectError(answer: Answer, status: number, code: string, param?: string): void {
  const seen = `${answer.status} ${answer.text}`;
  expect(answer.status, seen).toBe(status);
  expect(answer.headers.get('content-type'), seen).toMatch(/^application\/json\b/);
  expect(Object.keys(answer.body), seen).toEqual(['error']);
  const { error } = answer.body;
  expect(error, seen).toEqual({
    code,
    message: expect.stringMatching(/^[^\n]{5,}$/),
    ...(param === undefined ? {} : { param }),
  });
  expect(error.message, seen).not.toMatch(/node_modules|node:internal|\.[jt]s\b|\bat \S+ \(/);
}

interface Connection {
  write(bytes: string | Uint8Array): void;
  /** The next whole answer; fails when the connection ends without one. */
  answer(): Promise<Answer>;
  /** Settles when the other side has closed. */
  closed: Promise<void>;
  destroy(): void;
}

export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  await once(socket, 'connect');
  socket.setNoDelay(true);
  // What is written after the other side gave up is lost, as the tests intend.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const received = reader(socket);
  return {
    write: (bytes) => void socket.write(bytes),
    answer: () => received.next(),
    closed,
    destroy: () => void socket.destroy(),
  };
}

/** One connection, these bytes, the first answer. */
export async function exchange(url: string, bytes: string | Uint8Array): Promise<Answer> {
  const connection = await openConnection(url);
  try {
    connection.write(bytes);
    return await connection.answer();
  } finally {
    connection.destroy();
  }
}

interface SlowRequest {
  /** Sends the rest of the body and gives the answer. */
  finish(): Promise<Answer>;
  destroy(): void;
}

/** A request of which the broker has the headers and half the body once this settles. */
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
  // The broker says 100 once it has the headers and looks at the request.
  const { status } = await connection.answer();
  if (status !== 100) throw new Error(`Expected to be told to go on, was answered ${status}.`);
  connection.write(body.subarray(0, half));
  return {
    finish: async () => {
      connection.write(body.subarray(half));
      const answer = await connection.answer();
      connection.destroy();
      return answer;
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

/** superagent parses by content type. The tests need the text as well. */
function readText(response: unknown, done: (error: Error | null, body: unknown) => void): void {
  const stream = response as NodeJS.ReadableStream;
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', done);
  stream.on('end', () => done(null, Buffer.concat(chunks)));
}

function answerFrom({ status, headers, body }: Response): Answer {
  const fields = Object.entries(headers as Record<string, string | string[]>);
  const all = fields.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
  return answerOf(status, new Headers(all), Buffer.isBuffer(body) ? body.toString('utf8') : '');
}

function answerOf(status: number, headers: Headers, text: string): Answer {
  const isJson = headers.get('content-type')?.startsWith('application/json') && text !== '';
  return { status, headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** Cuts what a socket receives into answers. */
function reader(socket: Socket): { next(): Promise<Answer> } {
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
  const take = (): Answer | undefined => {
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
    return answerOf(status, headers, text);
  };
  return {
    async next() {
      for (;;) {
        const answer = take();
        if (answer !== undefined) return answer;
        if (isEnded) throw new Error(`The connection ended without an answer: ${bytes.toString('latin1')}`);
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
    },
  };
}
