/** Client of the Textree API, with an assertion on its error format. */
import { expect } from 'vitest';
import { permissionOf, type Scope } from '../../broker/apis/textree/scopes.ts';
import type { RunningBroker } from './homing-process.ts';
import { clientFor, createClient, type HttpResponse } from './http-client.ts';

export interface TextreeClient {
  token: string;
  request(method: string, path: string, body?: unknown): Promise<HttpResponse>;
  get(path: string): Promise<HttpResponse>;
  post(path: string, body: unknown): Promise<HttpResponse>;
  put(path: string, body: unknown): Promise<HttpResponse>;
  patch(path: string, body: unknown): Promise<HttpResponse>;
  delete(path: string): Promise<HttpResponse>;
  /** Sends a message and returns its id. */
  send(body: object): Promise<string>;
}

/** Paths are relative to `/api/v1`. */
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
      const response = await request('POST', '/messages', { body: 'Hi', ...body });
      if (response.status !== 202) throw new Error(response.text);
      return response.body.message.id;
    },
  };
}

/** Creates a `txt_` token and returns a client with it. */
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

/** Asserts the documented error format: exactly these fields in order, without a stack trace or a file name. */
export function expectErrorResponse(
  response: HttpResponse,
  status: number,
  code: string,
  { retry = 'do_not_retry', message, fix }: { retry?: string; message?: RegExp; fix?: RegExp } = {},
): void {
  const detail = `${response.status} ${response.text}`;
  expect(response.status, detail).toBe(status);
  expect(response.headers.get('content-type'), detail).toMatch(/^application\/json\b/);
  expect(Object.keys(response.body), detail).toEqual(['error']);
  const { error } = response.body;
  expect(Object.keys(error), detail).toEqual(KEYS.filter((key) => key in error));
  expect(error.code, detail).toBe(code);
  expect(error.retry, detail).toBe(retry);
  expect(error.message, detail).toMatch(/^[^\n]{5,}$/);
  expect(error.request_id, detail).toMatch(/^req_[0-9a-z]{26}$/);
  expect(response.headers.get('x-request-id'), detail).toBe(error.request_id);
  const seconds = response.headers.get('retry-after');
  expect(error.retry_after_seconds, detail).toBe(seconds === null ? undefined : Number(seconds));
  if (message !== undefined) expect(error.message, detail).toMatch(message);
  if (fix !== undefined) expect(error.fix, detail).toMatch(fix);
  expect(response.text, detail).not.toMatch(/node_modules|node:internal|\.[jt]s\b|\bat \S+ \(/);
}

/** Formats a body with placeholders for ids, secrets and times. The order of the keys is preserved. */
export function normalizedBody({ body }: HttpResponse): string {
  return JSON.stringify(body)
    .replace(/\b([a-z]{2,3})_[0-9a-z]{26}\b/g, '$1_ID')
    .replace(/whsec_[\w+/=]+/g, 'whsec_SECRET')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
}
