/** Streams events as server-sent events, for clients that cannot receive webhooks. */
import { z } from 'zod';
import { formatId, parseId } from '../../../shared/ids.ts';
import type { Caller } from '../../core/accounts/caller.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import { EPHEMERAL_TYPES, type EventType, STREAMED_TYPES } from '../../core/model/event.ts';
import type { StreamItem } from '../../core/model/event-stream.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { plusOf } from '../../http/request-schemas.ts';
import { errorResponse } from './errors.ts';
import { eventName, eventTypeOf } from './event-names.ts';
import type { MediaUrlOf } from './media-urls.ts';
import type { EventOptions } from './options.ts';
import { ownNumberId } from './own-number.ts';
import { serializeEvent } from './webhook-request.ts';

const NAMES: readonly string[] = STREAMED_TYPES.map(eventName);
const NOT_TYPES = `'types' must be one or more of these, separated by commas: ${NAMES.join(', ')}.`;
/** Clients from before the other types select no types, so they receive events of messages and opt-outs. */
const DEFAULT_TYPES = STREAMED_TYPES.filter((type) => /^(message|opt_out|opt_in)\./.test(type));
const EPHEMERAL: ReadonlySet<EventType> = new Set(EPHEMERAL_TYPES);
const RETRY_MS = 2_000;

const eventsQuery = z.object({
  types: z
    .string({ error: "'types' must be given once." })
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((types) => types.every((one) => NAMES.includes(one)), { error: NOT_TYPES })
    .optional()
    .describe(
      `Event types, separated by commas: ${NAMES.join(', ')}. Default: all types of messages and opt-outs.`,
    ),
  number: z
    .string({ error: "'number' must be given once." })
    .transform(plusOf)
    .optional()
    .describe('Only events of this number of the account.'),
  last_event_id: z
    .string({ error: "'last_event_id' must be given once." })
    .optional()
    .describe('Same as the Last-Event-ID header, for clients that cannot send headers.'),
  once: z
    .enum(['true', 'false'], { error: "'once' must be true or false." })
    .optional()
    .describe('`true` ends the stream after the stored events.'),
});

export function eventOperations(options: EventOptions, mediaUrlOf: MediaUrlOf): Operation<Caller>[] {
  const { store, openEvents, context } = options;
  return [
    operation({
      id: 'streamEvents',
      method: 'GET',
      path: '/v1/events',
      summary: 'Stream events as server-sent events',
      permission: 'messages:read',
      headers: {
        'Last-Event-ID':
          'Id of the last received event. The stream starts with the events after it. Events are stored for three days after a stream.',
      },
      query: eventsQuery,
      responses: {
        200: {
          description:
            'Events: `id`, the type as `event`, and as `data` the same JSON as in webhook deliveries. The `data` of `opt_out.created` and `opt_in.created` has `phone_number` and `reason`. Events of typing are not stored and have no `id` line.',
          contentType: 'text/event-stream',
        },
        400: errorResponse,
        429: errorResponse,
      },
      example: { query: { once: 'true' } },
      async handle({ caller, query, request }) {
        const lastEventId = request.headers['last-event-id'] ?? query.last_event_id;
        const after =
          lastEventId === undefined || lastEventId === ''
            ? context.ids()
            : parseId('evt', String(lastEventId));
        if (after === undefined) {
          throw invalidRequest('Last-Event-ID is not the id of an event, such as evt_….', 'last_event_id');
        }
        const types = (query.types as EventType[] | undefined)?.map(eventTypeOf) ?? DEFAULT_TYPES;
        const stream = await openEvents({
          reader: { kind: 'credential', credential: caller.credential },
          after,
          types: new Set(types),
          numberId: await ownNumberId(store.read, caller.credential.tenant.id, query.number, 'number'),
          isShort: query.once === 'true',
        });
        return {
          status: 200,
          contentType: 'text/event-stream; charset=utf-8',
          headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
          stream: { chunks: formatEvents(stream.items, mediaUrlOf), onClose: stream.close },
        };
      },
    }),
  ];
}

/** Returns the bytes of the stream. */
export async function* formatEvents(
  items: AsyncIterable<StreamItem>,
  mediaUrlOf: MediaUrlOf,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`retry: ${RETRY_MS}\n\n`);
  for await (const item of items) {
    if (item.kind === 'ping') {
      yield Buffer.from(': still here\n\n');
      continue;
    }
    const { event } = item;
    const json = JSON.stringify(serializeEvent(event, mediaUrlOf));
    // A client continues after the last id, and an event that is not stored has no place among the others.
    const id = EPHEMERAL.has(event.type) ? '' : `id: ${formatId('evt', event.id)}\n`;
    yield Buffer.from(`${id}event: ${eventName(event.type)}\ndata: ${json}\n\n`);
  }
}
