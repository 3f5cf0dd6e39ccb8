/**
 * Events as they happen, by `GET /v1/events`. A stream that breaks off is opened again with the last event's id, so that
 * nothing is missed and nothing told twice.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Clock, wait, withDeadline } from './clock.ts';
import { HomingApiError } from './errors.ts';
import { refusalOf, retryAfterSeconds } from './refusals.ts';
import type { Fetch } from './retry.ts';
import type { operations } from './schema.ts';
import type { WebhookEvent } from './webhooks.ts';

type Query = NonNullable<operations['texting_blue_streamEvents']['parameters']['query']>;

export interface EventOptions {
  /** Only events of these types; all of messages unless said. */
  types?: readonly WebhookEvent['type'][];
  /** Only of this number of yours. */
  number?: string;
  /** The last event that was seen, by an earlier program: what happened since comes first. */
  lastEventId?: string;
  signal?: AbortSignal;
}

/** Goes on until it is left, or its signal is given. @throws HomingApiError where the broker refuses it. */
export type Events = (options?: EventOptions) => AsyncGenerator<WebhookEvent, void, undefined>;

export interface EventServices {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** One that tries nothing again. */
  fetch: Fetch;
  clock: Clock;
  timeoutMs: number;
}

const OF_MESSAGES = ['message.received', 'message.sent', 'message.delivered', 'message.failed'] as const;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** The broker gives a sign of life every 15 s. */
const SILENCE_MS = 45_000;
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function eventsBy(services: EventServices): Events {
  const { clock } = services;
  return async function* events({ signal = new AbortController().signal, ...options } = {}) {
    let { lastEventId } = options;
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const answer = await connect(services, { ...options, lastEventId }, signal);
      if (answer instanceof Response && answer.body !== null) {
        for await (const event of readEvents(answer.body, clock, signal)) {
          pauseMs = FIRST_PAUSE_MS;
          lastEventId = event.id;
          yield event;
        }
      }
      signal.throwIfAborted();
      const asked = answer instanceof Response ? (retryAfterSeconds(answer.headers, clock.now()) ?? 0) : 0;
      await wait(clock, Math.max(pauseMs, asked * 1000), signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  };
}

/** Undefined: there was no answer. One that may be another in a moment has no events. */
async function connect(
  { url, headers, fetch, clock, timeoutMs }: EventServices,
  { types = OF_MESSAGES, number, lastEventId }: EventOptions,
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
  const late = () => new HomingApiError('timed_out', `${url} gave no answer within ${timeoutMs / 1000} s.`);
  let answer: Response;
  try {
    answer = await withDeadline({ clock, ms: timeoutMs, signal, late }, (inner) =>
      fetch(request, { signal: inner }),
    );
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => undefined);
  if (!PASSING.has(answer.status)) throw refusalOf(answer, body, clock.now());
  return new Response(null, { status: 503, headers: answer.headers });
}

/** Ends when the connection does, however it does, or is silent for long. */
async function* readEvents(
  body: ReadableStream<Uint8Array>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<WebhookEvent> {
  const reader = body.getReader();
  const leave = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', leave, { once: true });
  const decoder = new TextDecoder();
  const found: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => found.push(event) });
  try {
    for (;;) {
      const cancel = clock.after(SILENCE_MS, leave);
      const part = await reader
        .read()
        .catch(() => undefined)
        .finally(cancel);
      if (part === undefined || part.done) return;
      parser.feed(decoder.decode(part.value, { stream: true }));
      for (const { data } of found.splice(0)) yield JSON.parse(data) as WebhookEvent;
    }
  } finally {
    signal.removeEventListener('abort', leave);
    await reader.cancel().catch(() => {});
  }
}
