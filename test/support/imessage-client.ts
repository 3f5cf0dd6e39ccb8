/** Clients of the Inkbox iMessage API. */
import { expect } from 'vitest';
import type { RunningBroker } from './homing-process.ts';
import { type Client, createAccount, createClient, type HttpResponse } from './http-client.ts';
import { until } from './until.ts';

export const IMESSAGE = '/api/v1/imessage';
export const OWN = '+15005550006';
/** Recipients of the sandbox: one that replies with an echo, and one that does not. */
export const ECHO = '+15005550014';
export const PLAIN = '+15005550010';
export const OTHER = '+15005550012';

export const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
export const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

export interface ImessageClient {
  client: Client & { key: string };
  request(method: string, path: string, body?: unknown): Promise<HttpResponse>;
  /** Returns the body of a successful GET. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  get(path: string): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  post(path: string, body: unknown): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  send(body: object): Promise<any>;
  /** Waits until the message has the status. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  untilStatus(id: string, status: string): Promise<any>;
}

let accounts = 0;

/** Creates an account, so that its lists contain only its messages. */
export async function newImessageClient(
  homing: RunningBroker,
  { account = `imessage-${++accounts}`, plan = 'enterprise', environment = 'test' as 'test' | 'live' } = {},
): Promise<ImessageClient> {
  await createAccount(homing, account, plan);
  return imessageClient(await createClient(homing, { account, environment }));
}

export function imessageClient(client: Client & { key: string }): ImessageClient {
  const request = (method: string, path: string, body?: unknown) =>
    client.request(method, IMESSAGE + path, body === undefined ? {} : { body });
  const ok = async (method: string, path: string, body?: unknown) => {
    const response = await request(method, path, body);
    expect(response.status, `${method} ${path}: ${response.text}`).toBeLessThan(300);
    return response.body;
  };
  const get = (path: string) => ok('GET', path);
  return {
    client,
    request,
    get,
    post: (path, body) => ok('POST', path, body),
    send: async (body) => (await ok('POST', '/messages', { text: 'Hi', ...body })).message,
    untilStatus: (id, status) =>
      until(`the message to be ${status}`, async () => {
        const messages = await get('/messages?limit=200&include_groups=true');
        return messages.find((one: { id: string; status: string }) => one.id === id && one.status === status);
      }),
  };
}
