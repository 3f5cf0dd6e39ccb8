/** A client of TextUs: its bearer token, its content type, and the shape of its errors and collections. */
import { expect } from 'vitest';
import type { RunningBroker } from './homing-process.ts';
import { type Answer, clientFor, createClient } from './http-client.ts';
import { until } from './until.ts';

export const CONTENT_TYPE = 'application/vnd.textus+jsonld';

export interface TextusClient {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
}

export function textusClient(url: string, key?: string): TextusClient {
  const plain = clientFor(url);
  const request = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const answer = await plain.request(method, path, {
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        accept: CONTENT_TYPE,
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    if (answer.text === '') return answer;
    expect(answer.headers.get('content-type'), answer.text).toBe(CONTENT_TYPE);
    return { ...answer, body: JSON.parse(answer.text) };
  };
  return {
    get: (path, headers) => request('GET', path, undefined, headers),
    post: (path, body, headers) => request('POST', path, body, headers),
    patch: (path, body) => request('PATCH', path, body),
    delete: (path) => request('DELETE', path),
  };
}

/** A client with a new key of its own, made at the command line. */
export async function createTextusClient(
  homing: RunningBroker,
  options: Parameters<typeof createClient>[1] = {},
): Promise<TextusClient & { key: string; keyId: string }> {
  const { key, keyId } = await createClient(homing, options);
  return { ...textusClient(homing.url, key), key, keyId };
}

/** The shape of every refusal, and nothing beside it; with the fields that are to blame on 422 only. */
export function expectRefusal(answer: Answer, status: number, ...fields: string[]): void {
  const seen = `${answer.status} ${answer.text}`;
  expect(answer.status, seen).toBe(status);
  expect(answer.headers.get('x-request-id'), seen).toMatch(/^req_/);
  expect(answer.body, seen).toEqual({
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
  expect(answer.text, seen).not.toMatch(/node_modules|node:internal|\.[jt]s\b|\bat \S+ \(/);
}

/** A refusal that says nothing. */
export function expectSilence(answer: Answer, status: number): void {
  expect([answer.status, answer.text]).toEqual([status, '']);
}

/** The messages with a recipient, newest first, once there are as many. */
export async function messagesWith(client: TextusClient, account: string, phone: string, count: number) {
  return until(`${count} messages with ${phone}`, async () => {
    const { members } = (await client.get(`/${account}/conversations?limit=100`)).body;
    const found = members.find((one: { phone: string }) => one.phone === phone);
    if (found === undefined) return undefined;
    const messages = (await client.get(found.messages)).body.members;
    return messages.length === count && messages;
  });
}

/** The body with what differs from run to run replaced, as text, so that the order of keys is compared too. */
export function normalized(body: unknown): string {
  return JSON.stringify(body, undefined, 2)
    .replaceAll(/(?<=[/_])[0-7][0-9a-z]{25}/g, '<id>')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"')
    .replaceAll(/"http:\/\/[^"]*\/media\/[^"]*"/g, '"<link>"')
    .replaceAll(/"[0-9a-f]{64}\./g, '"<sha256>.')
    .replaceAll(/"whsec_[^"]*"/g, '"<secret>"')
    .replaceAll(/(?<="timelinePosition": )\d{13}/g, '0');
}
