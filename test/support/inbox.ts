/** Inboxes as clients of the Inkbox API see them, and the devices that texts come in by. */
import { expect } from 'vitest';
import type { RunningBroker } from './homing-process.ts';
import { type Answer, type Client, createClient, pairDevice } from './http-client.ts';
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
  /** Below the number's texts, such as `/search?q=a`. */
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  texts(query?: string): Promise<Text[]>;
  search(q: string, more?: string): Promise<Text[]>;
  conversations(query?: string): Promise<Conversation[]>;
  thread(remote: string, query?: string): Promise<Text[]>;
  send(body: unknown): Promise<Text>;
  patch(path: string, body: unknown): Promise<Answer>;
}

export function inboxOf(client: Client, { id, number }: { id: string; number: string }): Inbox {
  const request = (method: string, path: string, body?: unknown) =>
    client.request(method, `${PREFIX}/numbers/${id}/texts${path}`, body === undefined ? {} : { body });
  const list = async (path: string) => {
    const answer = await request('GET', path);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toBeInstanceOf(Array);
    return answer.body;
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

/** The sandbox of an account, by the number that every sandbox has. */
export async function sandboxInbox(homing: RunningBroker, account = 'default'): Promise<Inbox> {
  const client = await createClient(homing, { account });
  const [number] = (await client.get(`${PREFIX}/numbers`)).body;
  return inboxOf(client, number);
}

export interface PairedInbox extends Inbox {
  token: string;
  socket: RawSocket;
  /** Says what came in, and waits until the broker has it. */
  receive(...items: Array<Record<string, unknown>>): Promise<void>;
}

let guids = 0;

/** A live number with a device that only receives: it takes nothing to send. */
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
      const said = items.map((item) => {
        guids += 1;
        return { guid: `guid-${guids}`, to: phone, ...item };
      });
      socket.say({ type: 'inbound', seq, items: said });
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

/** A refusal as FastAPI words it: a sentence, or what is wrong with each field. */
export function expectDetail(answer: Answer, status: number): void {
  const seen = `${answer.status} ${answer.text}`;
  expect(answer.status, seen).toBe(status);
  expect(answer.headers.get('content-type'), seen).toMatch(/^application\/json\b/);
  expect(Object.keys(answer.body), seen).toEqual(['detail']);
  const { detail } = answer.body;
  if (status !== 422) {
    expect(detail, seen).toEqual(expect.stringMatching(/^[^\n]{5,}$/));
    return;
  }
  expect(detail.length, seen).toBeGreaterThan(0);
  for (const issue of detail) {
    expect(Object.keys(issue), seen).toEqual(['loc', 'msg', 'type']);
    expect(issue.loc[0], seen).toMatch(/^(query|body|path)$/);
    expect(issue.msg, seen).toMatch(/^[^\n]{5,}$/);
    expect(issue.type, seen).toMatch(/^[a-z_]+$/);
  }
}

/** The whole body in its own order, with what differs at each run left out. */
export function normalised(body: unknown): string {
  return JSON.stringify(body, null, 1)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/http:\/\/127\.0\.0\.1:\d+\/media\/med_\w+\?expires=\d+&signature=[\w-]+/g, 'LINK');
}
