/** A client of the Textree API, and the shape that its errors are held to. */
import { expect } from 'vitest';
import { permissionOf, type Scope } from '../../broker/apis/textree/scopes.ts';
import type { RunningBroker } from './homing-process.ts';
import { type Answer, clientFor, createClient } from './http-client.ts';

export interface TextreeClient {
  token: string;
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** Sends, and gives the message's id. */
  send(body: object): Promise<string>;
}

/** Paths begin behind `/api/v1`. */
export function textreeClient(url: string, token: string): TextreeClient {
  const plain = clientFor(url);
  const headers = { authorization: `Bearer ${token}` };
  const request: TextreeClient['request'] = (method, path, body) =>
    plain.request(method, `/api/v1${path}`, { headers, body });
  return {
    token,
    request,
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
    put: (path, body) => request('PUT', path, body),
    patch: (path, body) => request('PATCH', path, body),
    delete: (path) => request('DELETE', path),
    async send(body) {
      const answer = await request('POST', '/messages', { body: 'Hi', ...body });
      if (answer.status !== 202) throw new Error(answer.text);
      return answer.body.message.id;
    },
  };
}

/** A client with a new `txt_` token. */
export async function createToken(
  homing: RunningBroker,
  options: Parameters<typeof createClient>[1] = {},
): Promise<TextreeClient & { keyId: string }> {
  const scopes = (options.permissions ?? '*').split(',') as Scope[];
  const permissions = scopes.map(permissionOf).join(',');
  const { key, keyId } = await createClient(homing, { ...options, permissions, prefix: 'txt' });
  return { ...textreeClient(homing.url, key), keyId };
}

const KEYS = ['code', 'message', 'fix', 'retry', 'request_id', 'retry_after_seconds'];

/** The documented shape and the order of its fields, and nothing beside it: no stack, no file name. */
export function expectRefusal(
  answer: Answer,
  status: number,
  code: string,
  { retry = 'do_not_retry', message, fix }: { retry?: string; message?: RegExp; fix?: RegExp } = {},
): void {
  const seen = `${answer.status} ${answer.text}`;
  expect(answer.status, seen).toBe(status);
  expect(answer.headers.get('content-type'), seen).toMatch(/^application\/json\b/);
  expect(Object.keys(answer.body), seen).toEqual(['error']);
  const { error } = answer.body;
  expect(Object.keys(error), seen).toEqual(KEYS.filter((key) => key in error));
  expect(error.code, seen).toBe(code);
  expect(error.retry, seen).toBe(retry);
  expect(error.message, seen).toMatch(/^[^\n]{5,}$/);
  expect(error.request_id, seen).toMatch(/^req_[0-9a-z]{26}$/);
  expect(answer.headers.get('x-request-id'), seen).toBe(error.request_id);
  const seconds = answer.headers.get('retry-after');
  expect(error.retry_after_seconds, seen).toBe(seconds === null ? undefined : Number(seconds));
  if (message !== undefined) expect(error.message, seen).toMatch(message);
  if (fix !== undefined) expect(error.fix, seen).toMatch(fix);
  expect(answer.text, seen).not.toMatch(/node_modules|node:internal|\.[jt]s\b|\bat \S+ \(/);
}

/** The body as text, in the order in which it came, with what differs from run to run taken out. */
export function shown({ body }: Answer): string {
  return JSON.stringify(body)
    .replace(/\b([a-z]{2,3})_[0-9a-z]{26}\b/g, '$1_ID')
    .replace(/whsec_[\w+/=]+/g, 'whsec_SECRET')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
}
