/** Streams the events of an environment to the page for developers, in the format of the event stream of the API. */
import { parseId } from '../../../../shared/ids.ts';
import { invalidRequest } from '../../../core/model/errors.ts';
import { type EventType, STREAMED_TYPES } from '../../../core/model/event.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { errorResponse } from '../errors.ts';
import type { EventStreamOptions } from '../options.ts';

export function eventStreamOperations(options: EventStreamOptions): AdminOperation[] {
  const { context, openEvents, formatEvents } = options;
  return [
    adminOperation({
      id: 'streamEvents',
      method: 'GET',
      path: '/dashboard/api/:environment/event-stream',
      summary: 'Stream events as server-sent events, from now on or after Last-Event-ID',
      permission: 'viewer',
      responses: {
        200: { description: 'Events.', contentType: 'text/event-stream' },
        400: errorResponse,
        429: errorResponse,
      },
      async handle({ caller: { member, sessionId, tenant }, request }) {
        const lastEventId = request.headers['last-event-id'];
        const after = lastEventId === undefined ? context.ids() : parseId('evt', String(lastEventId));
        if (after === undefined) throw invalidRequest('Last-Event-ID is not the id of an event.');
        const stream = await openEvents({
          reader: { kind: 'member', memberId: member.id, sessionId, tenant },
          ...{ after, types: new Set<EventType>(STREAMED_TYPES), numberId: null, isShort: false },
        });
        return {
          status: 200,
          contentType: 'text/event-stream; charset=utf-8',
          headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
          stream: { chunks: formatEvents(stream.items), onClose: stream.close },
        };
      },
    }),
  ];
}
