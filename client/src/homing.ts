/** Creates the client: every operation by its path, and named methods for messages, conversations, events and webhooks. */
import createClient, { type Client, defaultBodySerializer } from 'openapi-fetch';
import { type Clock, systemClock } from './clock.ts';
import { type Conversations, createConversations } from './conversations.ts';
import { createEvents, type Events } from './events.ts';
import { createMessages, type Messages } from './messages.ts';
import { type Fetch, retryingFetch } from './retry.ts';
import type { paths } from './schema.ts';
import { createUnwrap, type Unwrap } from './unwrap.ts';
import { type VerifyOptions, verifyWebhook, type WebhookEvent, type WebhookHeaders } from './webhooks.ts';

export interface HomingOptions {
  /** Base URL of the broker, such as `https://homing.example.com`. */
  url: string;
  /** `tb_live_…`, `tb_test_…` or `txt_…`. */
  key: string;
  /** Maximum number of retries of a safe request. Default: 3. */
  retries?: number;
  /** Timeout of each attempt, in milliseconds. Default: 30,000. */
  timeoutMs?: number;
  fetch?: Fetch;
  clock?: Clock;
  random?: () => number;
}

/** `GET`, `POST` and the other methods resolve with `{ data, error, response }` and throw only without a response. */
export interface Homing extends Client<paths> {
  messages: Messages;
  conversations: Conversations;
  /** Streams events: `for await (const { type, data } of homing.events()) …` */
  events: Events;
  webhooks: {
    /**
     * Verifies and parses a webhook request. Pass the raw, unparsed body, and both secrets during a rotation.
     * @throws HomingApiError `invalid_signature` or `stale_timestamp`: respond with 401 and ignore the request.
     */
    verify(
      rawBody: string | Uint8Array | ArrayBuffer,
      headers: WebhookHeaders,
      secret: string | readonly string[],
      options?: VerifyOptions,
    ): Promise<WebhookEvent>;
  };
  /** Returns the data of a request by path, or throws its error: `await homing.unwrap(homing.GET('/v1/numbers'))`. */
  unwrap: Unwrap;
}

export function createHoming({
  url,
  key,
  retries = 3,
  timeoutMs = 30_000,
  fetch = (request, init) => globalThis.fetch(request, init),
  clock = systemClock,
  random = Math.random,
}: HomingOptions): Homing {
  const baseUrl = parseBaseUrl(url);
  // Each API reads the key from one of these headers.
  const headers = { 'x-api-key': parseKey(key), authorization: `Bearer ${key}` };
  const client = createClient<paths>({
    baseUrl,
    headers,
    // Following a redirect would send the key to another server.
    redirect: 'manual',
    bodySerializer: (body: unknown) => formOf(body) ?? defaultBodySerializer(body),
    fetch: retryingFetch({ fetch, clock, random, retries, timeoutMs }),
  });
  const unwrap = createUnwrap(clock.now);
  return {
    ...client,
    messages: createMessages(client, unwrap, clock),
    conversations: createConversations(client, unwrap),
    events: createEvents({ url: baseUrl, headers, fetch, clock, timeoutMs }),
    webhooks: { verify: (...args) => verifyWebhook(clock, ...args) },
    unwrap,
  };
}

/** Returns a form if the body contains a file. Undefined: the body is JSON. */
function formOf(body: unknown): FormData | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const fields = Object.entries(body);
  if (!fields.some(([, value]) => value instanceof Blob)) return undefined;
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value instanceof Blob ? value : String(value));
  return form;
}

function parseBaseUrl(url: string): string {
  if (/^https?:$/.test(protocolOf(url) ?? '')) return url.replace(/\/+$/, '');
  throw new TypeError(`Invalid url '${url}'. Pass an http or https URL such as https://homing.example.com.`);
}

function protocolOf(url: string): string | undefined {
  try {
    return new URL(url).protocol;
  } catch {
    return undefined;
  }
}

function parseKey(key: string): string {
  if (/^[!-~]+$/.test(key)) return key;
  throw new TypeError(
    'The key is missing or contains invalid characters. Create a key with `homing keys create`.',
  );
}
