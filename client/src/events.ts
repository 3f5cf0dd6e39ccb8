/**
 * Streams events from `GET /v1/events`. After a broken connection it reconnects with the id of the last event, so no
 * event is lost or repeated.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Clock, wait, withTimeout } from './clock.ts';
import { HomingApiError } from './errors.ts';
import { errorFromResponse, retryAfterSeconds } from './response-errors.ts';
import type { Fetch } from './retry.ts';
import type { operations } from './schema.ts';
import type { WebhookEvent } from './webhooks.ts';

type Query = NonNullable<operations['texting_blue_streamEvents']['parameters']['query']>;

export interface EventOptions {
  /** Only events of these types. Default: all four message events. */
  types?: readonly WebhookEvent['type'][];
  /** Only events of this number of the account. */
  number?: string;
  /** Id of the last processed event, also from an earlier run. The stream starts with the event after it. */
  lastEventId?: string;
  signal?: AbortSignal;
}

/**
 * Yields until the caller leaves the loop or aborts the signal.
 * @throws HomingApiError if the broker rejects the request.
 */
export type Events = (options?: EventOptions) => AsyncGenerator<WebhookEvent, void, undefined>;

export interface EventStreamOptions {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** A fetch without retries. */
  fetch: Fetch;
  clock: Clock;
  timeoutMs: number;
}

const MESSAGE_EVENTS = ['message.received', 'message.sent', 'message.delivered', 'message.failed'] as const;
const FIRST_PAUSE_MS = 500;
const MAXIMUM_PAUSE_MS = 15_000;
/** The broker sends a comment every 15 s on an idle stream. */
const SILENCE_TIMEOUT_MS = 45_000;
/** Temporary errors: the client reconnects. */
const TEMPORARY_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function createEvents(stream: EventStreamOptions): Events {
  const { clock } = stream;
  return async function* events({ signal = new AbortController().signal, ...options } = {}) {
    let { lastEventId } = options;
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const response = await connect(stream, { ...options, lastEventId }, signal);
      if (response instanceof Response && response.body !== null) {
        for await (const { id, data } of readMessages(response.body, clock, signal)) {
          pauseMs = FIRST_PAUSE_MS;
          // Events that the broker does not store have no id.
          lastEventId = id ?? lastEventId;
          yield JSON.parse(data) as WebhookEvent;
        }
      }
      signal.throwIfAborted();
      const retryAfter =
        response instanceof Response ? (retryAfterSeconds(response.headers, clock.now()) ?? 0) : 0;
      await wait(clock, Math.max(pauseMs, retryAfter * 1000), signal);
      pauseMs = Math.min(pauseMs * 2, MAXIMUM_PAUSE_MS);
    }
  };
}

/** Resolves with undefined if the broker did not respond, and with an empty response after a temporary error. */
async function connect(
  { url, headers, fetch, clock, timeoutMs }: EventStreamOptions,
  { types = MESSAGE_EVENTS, number, lastEventId }: EventOptions,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const query: Query = {
    types: types.join(','),
    ...(number === undefined ? {} : { number }),
  };
  const request = new Request(`${url}/v1/events?${new URLSearchParams(query as Record<string, string>)}`, {
    headers: { ...headers, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
    redirect: 'manual',
  });
  const onTimeout = () =>
    new HomingApiError('timed_out', `${url} did not respond within ${timeoutMs / 1000} s.`);
  let response: Response;
  try {
    response = await withTimeout({ clock, ms: timeoutMs, signal, onTimeout }, (inner) =>
      fetch(request, { signal: inner }),
    );
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => undefined);
  if (!TEMPORARY_STATUSES.has(response.status)) throw errorFromResponse(response, body, clock.now());
  return new Response(null, { status: 503, headers: response.headers });
}

/** Yields the messages of the stream until the connection ends, breaks or is silent for too long. */
async function* readMessages(
  body: ReadableStream<Uint8Array>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<EventSourceMessage> {
  const reader = body.getReader();
  const close = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', close, { once: true });
  const decoder = new TextDecoder();
  const parsed: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => parsed.push(event) });
  try {
    for (;;) {
      const cancel = clock.after(SILENCE_TIMEOUT_MS, close);
      const part = await reader
        .read()
        .catch(() => undefined)
        .finally(cancel);
      if (part === undefined || part.done) return;
      parser.feed(decoder.decode(part.value, { stream: true }));
      yield* parsed.splice(0);
    }
  } finally {
    signal.removeEventListener('abort', close);
    await reader.cancel().catch(() => {});
  }
}
