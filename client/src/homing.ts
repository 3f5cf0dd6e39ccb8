/** The client: every operation by its path, and what programs do every day by name. */
import createClient, { type Client } from 'openapi-fetch';
import { type Clock, systemClock } from './clock.ts';
import { type Events, eventsBy } from './events.ts';
import { type Messages, messagesOf } from './messages.ts';
import { type Fetch, retryingFetch } from './retry.ts';
import type { paths } from './schema.ts';
import { type Unwrap, unwrapBy } from './unwrap.ts';
import { type VerifyOptions, verifyWebhook, type WebhookEvent, type WebhookHeaders } from './webhooks.ts';

export interface HomingOptions {
  /** Where the broker is, such as `https://homing.example.com`. */
  url: string;
  /** `tb_live_…`, `tb_test_…` or `txt_…`. */
  key: string;
  /** How often what may be tried again is tried again; 3 unless said. */
  retries?: number;
  /** For each try; 30,000 unless said. */
  timeoutMs?: number;
  fetch?: Fetch;
  clock?: Clock;
  random?: () => number;
}

/** `GET`, `POST` and so on resolve with `{ data, error, response }` and throw only where there was no answer. */
export interface Homing extends Client<paths> {
  messages: Messages;
  /** What happens, as it happens: `for await (const { type, data } of homing.events()) …` */
  events: Events;
  webhooks: {
    /**
     * Takes the body as it came, before anything parsed it. While a secret is being changed, give both.
     * @throws HomingApiError `invalid_signature` or `stale_timestamp`: answer 400, and do nothing.
     */
    verify(
      rawBody: string | Uint8Array | ArrayBuffer,
      headers: WebhookHeaders,
      secret: string | readonly string[],
      options?: VerifyOptions,
    ): Promise<WebhookEvent>;
  };
  /** The data of a call by path: `await homing.unwrap(homing.GET('/v1/numbers'))`. Refusals are thrown. */
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
  const baseUrl = baseOf(url);
  // Each API looks for the key in one of them.
  const headers = { 'x-api-key': checked(key), authorization: `Bearer ${key}` };
  const client = createClient<paths>({
    baseUrl,
    headers,
    // Else the key would go along to wherever it leads.
    redirect: 'manual',
    fetch: retryingFetch({ fetch, clock, random, retries, timeoutMs }),
  });
  const unwrap = unwrapBy(clock.now);
  return {
    ...client,
    messages: messagesOf(client, unwrap, clock),
    events: eventsBy({ url: baseUrl, headers, fetch, clock, timeoutMs }),
    webhooks: { verify: (...given) => verifyWebhook(clock, ...given) },
    unwrap,
  };
}

function baseOf(url: string): string {
  if (/^https?:$/.test(protocolOf(url) ?? '')) return url.replace(/\/+$/, '');
  throw new TypeError(`The url was given as '${url}'; it takes one such as https://homing.example.com.`);
}

function protocolOf(url: string): string | undefined {
  try {
    return new URL(url).protocol;
  } catch {
    return undefined;
  }
}

function checked(key: string): string {
  if (/^[!-~]+$/.test(key)) return key;
  throw new TypeError(
    'The key is missing, or has characters that no key has. `homing keys create` makes one.',
  );
}
