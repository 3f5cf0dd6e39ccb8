/** Client of the TextUs API, with assertions on its content type and error format. */
import { expect } from 'vitest';
import type { RunningBroker } from './homing-process.ts';
import { clientFor, createClient, type HttpResponse } from './http-client.ts';
import { until } from './until.ts';

export const CONTENT_TYPE = 'application/vnd.textus+jsonld';

export interface TextusClient {
  get(path: string, headers?: Record<string, string>): Promise<HttpResponse>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<HttpResponse>;
  patch(path: string, body: unknown): Promise<HttpResponse>;
  delete(path: string): Promise<HttpResponse>;
}

export function textusClient(url: string, key?: string): TextusClient {
  const plain = clientFor(url);
  const request = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<HttpResponse> => {
    const response = await plain.request(method, path, {
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        accept: CONTENT_TYPE,
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    if (response.text === '') return response;
    expect(response.headers.get('content-type'), response.text).toBe(CONTENT_TYPE);
    return { ...response, body: JSON.parse(response.text) };
  };
  return {
    get: (path, headers) => request('GET', path, undefined, headers),
    post: (path, body, headers) => request('POST', path, body, headers),
    patch: (path, body) => request('PATCH', path, body),
    delete: (path) => request('DELETE', path),
  };
}

/** Creates an API key and returns a client with it. */
export async function createTextusClient(
  homing: RunningBroker,
  options: Parameters<typeof createClient>[1] = {},
): Promise<TextusClient & { key: string; keyId: string }> {
  const { key, keyId } = await createClient(homing, options);
  return { ...textusClient(homing.url, key), key, keyId };
}

/** Asserts the documented error format, with the invalid fields for 422, without a stack trace or a file name. */
export function expectErrorResponse(response: HttpResponse, status: number, ...fields: string[]): void {
  const detail = `${response.status} ${response.text}`;
  expect(response.status, detail).toBe(status);
  expect(response.headers.get('x-request-id'), detail).toMatch(/^req_/);
  expect(response.body, detail).toEqual({
    '@type': 'hydra:Error',
    'hydra:title': expect.any(String),
    'hydra:description': expect.stringMatching(/^[^\n]{5,}$/),
    ...(status === 422
      ? {
          violations: fields.map((propertyPath) => ({
            propertyPath,
            message: expect.stringMatching(/^[^\n]{5,}$/),
          })),
        }
      : {}),
  });
  expect(response.text, detail).not.toMatch(/node_modules|node:internal|\.[jt]s\b|\bat \S+ \(/);
}

/** Asserts a response without a body. */
export function expectEmptyResponse(response: HttpResponse, status: number): void {
  expect([response.status, response.text]).toEqual([status, '']);
}

/** Waits for a number of messages in the conversation with a recipient. Newest first. */
export async function messagesWith(client: TextusClient, account: string, phone: string, count: number) {
  return until(`${count} messages with ${phone}`, async () => {
    const { members } = (await client.get(`/${account}/conversations?limit=100`)).body;
    const found = members.find((one: { phone: string }) => one.phone === phone);
    if (found === undefined) return undefined;
    const messages = (await client.get(found.messages)).body.members;
    return messages.length === count && messages;
  });
}

/** Formats a body with placeholders for ids, times, links and secrets. The order of the keys is preserved. */
export function normalized(body: unknown): string {
  return JSON.stringify(body, undefined, 2)
    .replaceAll(/(?<=[/_])[0-7][0-9a-z]{25}/g, '<id>')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"')
    .replaceAll(/"http:\/\/[^"]*\/media\/[^"]*"/g, '"<link>"')
    .replaceAll(/"[0-9a-f]{64}\./g, '"<sha256>.')
    .replaceAll(/"whsec_[^"]*"/g, '"<secret>"')
    .replaceAll(/(?<="timelinePosition": )\d{13}/g, '0');
}
