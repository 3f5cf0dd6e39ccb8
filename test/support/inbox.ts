/** Clients of the Inkbox API, and paired devices that deliver inbound texts. */
import { expect } from 'vitest';
import type { RunningBroker } from './homing-process.ts';
import { type Client, createClient, type HttpResponse, pairDevice } from './http-client.ts';
import { hello, openSocket, type RawSocket } from './raw-device.ts';
import { until } from './until.ts';

export const PREFIX = '/api/v1/phone';

export interface Text {
  id: string;
  direction: 'inbound' | 'outbound';
  local_phone_number: string;
  remote_phone_number: string;
  text: string;
  type: 'sms' | 'mms';
  media: Array<{ content_type: string; size: number | null; url: string }> | null;
  is_read: boolean;
  conversation_id: string;
  delivery_status: string | null;
  error_code: string | null;
  error_detail: string | null;
  sent_at: string | null;
  delivered_at: string | null;
  failed_at: string | null;
  is_blocked: boolean;
  created_at: string;
  updated_at: string;
}

export interface Conversation {
  id: string;
  remote_phone_number: string | null;
  participants: string[];
  is_group: boolean;
  latest_text: string;
  latest_direction: string;
  latest_type: string;
  latest_has_media: boolean;
  latest_message_at: string;
  unread_count: number;
  total_count: number;
}

export interface Inbox {
  client: Client;
  id: string;
  number: string;
  /** Sends a request to a path below the number's texts, such as `/search?q=a`. */
  request(method: string, path: string, body?: unknown): Promise<HttpResponse>;
  texts(query?: string): Promise<Text[]>;
  search(q: string, more?: string): Promise<Text[]>;
  conversations(query?: string): Promise<Conversation[]>;
  thread(remote: string, query?: string): Promise<Text[]>;
  send(body: unknown): Promise<Text>;
  patch(path: string, body: unknown): Promise<HttpResponse>;
}

export function inboxOf(client: Client, { id, number }: { id: string; number: string }): Inbox {
  const request = (method: string, path: string, body?: unknown) =>
    client.request(method, `${PREFIX}/numbers/${id}/texts${path}`, body === undefined ? {} : { body });
  const list = async (path: string) => {
    const response = await request('GET', path);
    expect(response.status, response.text).toBe(200);
    expect(response.body).toBeInstanceOf(Array);
    return response.body;
  };
  return {
    client,
    id,
    number,
    request,
    texts: (query = '') => list(query),
    search: (q, more = '') => list(`/search?q=${encodeURIComponent(q)}${more}`),
    conversations: (query = '') => list(`/conversations${query}`),
    thread: (remote, query = '') => list(`/conversations/${encodeURIComponent(remote)}${query}`),
    async send(body) {
      const sent = await request('POST', '', body);
      expect(sent.status, sent.text).toBe(201);
      return sent.body;
    },
    patch: (path, body) => request('PATCH', path, body),
  };
}

/** Returns the inbox of an account's default sandbox number. */
export async function sandboxInbox(homing: RunningBroker, account = 'default'): Promise<Inbox> {
  const client = await createClient(homing, { account });
  const [number] = (await client.get(`${PREFIX}/numbers`)).body;
  return inboxOf(client, number);
}

export interface PairedInbox extends Inbox {
  token: string;
  socket: RawSocket;
  /** Delivers inbound items and waits for the acknowledgement. */
  receive(...items: Array<Record<string, unknown>>): Promise<void>;
}

let guids = 0;

/** Pairs a live number with a device that grants no credit, so it only receives. */
export async function pairedInbox(
  homing: RunningBroker,
  phone: string,
  account = 'default',
): Promise<PairedInbox> {
  const { token } = await pairDevice(homing, phone, { account });
  const client = await createClient(homing, { account, environment: 'live' });
  const numbers: Array<{ id: string; number: string }> = (await client.get(`${PREFIX}/numbers`)).body;
  const socket = await openSocket(homing.url, token);
  socket.say(hello({ credit: 0, capabilities: ['imessage', 'media', 'journal'] }));
  await socket.next('welcome');
  let seq = 0;
  return {
    ...inboxOf(client, numbers.find(({ number }) => number === phone)!),
    token,
    socket,
    async receive(...items) {
      seq += 1;
      const frameItems = items.map((item) => {
        guids += 1;
        return { guid: `guid-${guids}`, to: phone, ...item };
      });
      socket.say({ type: 'inbound', seq, items: frameItems });
      await socket.next('ack');
    },
  };
}

export function untilStatus(inbox: Inbox, id: string, status: string): Promise<Text> {
  return until(`the text to be ${status}`, async () => {
    const { body } = await inbox.request('GET', `/${id}`);
    return body.delivery_status === status && body;
  });
}

/** Asserts an error in the format of FastAPI: a message, or a list of issues for 422. */
export function expectDetail(response: HttpResponse, status: number): void {
  const detailText = `${response.status} ${response.text}`;
  expect(response.status, detailText).toBe(status);
  expect(response.headers.get('content-type'), detailText).toMatch(/^application\/json\b/);
  expect(Object.keys(response.body), detailText).toEqual(['detail']);
  const { detail } = response.body;
  if (status !== 422) {
    expect(detail, detailText).toEqual(expect.stringMatching(/^[^\n]{5,}$/));
    return;
  }
  expect(detail.length, detailText).toBeGreaterThan(0);
  for (const issue of detail) {
    expect(Object.keys(issue), detailText).toEqual(['loc', 'msg', 'type']);
    expect(issue.loc[0], detailText).toMatch(/^(query|body|path)$/);
    expect(issue.msg, detailText).toMatch(/^[^\n]{5,}$/);
    expect(issue.type, detailText).toMatch(/^[a-z_]+$/);
  }
}

/** Formats a body with placeholders for ids, times and links. The order of the keys is preserved. */
export function normalised(body: unknown): string {
  return JSON.stringify(body, null, 1)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/http:\/\/127\.0\.0\.1:\d+\/media\/med_\w+\?expires=\d+&signature=[\w-]+/g, 'LINK');
}
