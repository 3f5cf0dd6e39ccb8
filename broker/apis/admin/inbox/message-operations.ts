/** Lists, exports and returns messages with their timelines. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { formatId } from '../../../../shared/ids.ts';
import { waitOf } from '../../../core/dispatch/waiting.ts';
import { notFound } from '../../../core/model/errors.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { type AdminCaller, assertSignedIn } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { MessageOptions } from '../options.ts';
import { CSV_HEADER, csvRows } from './message-csv.ts';
import {
  exportQuery,
  type MessageDetailBody,
  type MessageFilters,
  type MessageListBody,
  messageDetail,
  messageList,
  messagesQuery,
} from './message-list-schemas.ts';
import { readMessages } from './message-pages.ts';
import { serializeMessages } from './message-serializers.ts';
import { deliveriesOf, timelineOf, versionsOf } from './message-timeline.ts';

const EXPORT_STEP = 500;
const EXPORT_MAX = 100_000;

export function messageOperations(options: MessageOptions): AdminOperation[] {
  const { store, context, projector, waitContext } = options;
  const base = '/dashboard/api/:environment/messages';

  /** Each step checks the session again. */
  async function* exportRows(caller: AdminCaller, filters: MessageFilters): AsyncGenerator<Uint8Array> {
    yield Buffer.from(CSV_HEADER);
    let before: string | undefined;
    for (let left = EXPORT_MAX; left > 0; ) {
      const now = context.now();
      await assertSignedIn(store.read, caller, now);
      const page = { limit: Math.min(EXPORT_STEP, left), before };
      const { messages, next } = await readMessages(store.read, caller.tenant, filters, page, now);
      if (messages.length > 0) yield Buffer.from(csvRows(messages));
      // A page without rows yields nothing.
      else await nextTurn();
      if (next === undefined) return;
      left -= messages.length;
      before = next;
    }
  }

  return [
    adminOperation({
      id: 'listMessages',
      method: 'GET',
      path: base,
      summary: 'List messages, newest first; scheduled ones by their send time',
      permission: 'viewer',
      query: messagesQuery,
      responses: { 200: { description: 'A page.', schema: messageList }, 400: errorResponse },
      async handle({ caller: { tenant }, query: { cursor, limit, ...filters } }) {
        if (filters.search !== undefined) await projector.catchUp();
        const page = { limit, before: cursor };
        const { messages, next } = await readMessages(store.read, tenant, filters, page, context.now());
        const body: MessageListBody = {
          messages: await serializeMessages(options, tenant, messages),
          next: next === undefined ? null : formatId('msg', next),
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'exportMessages',
      method: 'GET',
      path: `${base}.csv`,
      summary: 'Export up to 100,000 messages as CSV',
      permission: 'viewer',
      query: exportQuery,
      responses: { 200: { description: 'The rows.', contentType: 'text/csv' }, 400: errorResponse },
      async handle({ caller, query: filters }) {
        if (filters.search !== undefined) await projector.catchUp();
        const day = new Date(context.now()).toISOString().slice(0, 10);
        return {
          status: 200,
          contentType: 'text/csv; charset=utf-8',
          headers: {
            'content-disposition': `attachment; filename="messages-${day}.csv"`,
            'cache-control': 'no-store',
          },
          stream: { chunks: exportRows(caller, filters) },
        };
      },
    }),
    adminOperation({
      id: 'getMessage',
      method: 'GET',
      path: `${base}/:id`,
      summary: 'Get a message with its timeline and its webhook deliveries',
      permission: 'viewer',
      responses: { 200: { description: 'The message.', schema: messageDetail }, 404: errorResponse },
      async handle({ caller: { tenant }, params }) {
        const id = idInPath('msg', params.id, 'Message');
        const message = await store.read.messages.find(tenant.id, id);
        if (message === undefined) throw notFound('Message');
        const wait = await waitOf(store.read, message, waitContext());
        const [shown] = await serializeMessages(options, tenant, [message]);
        if (shown === undefined) throw notFound('Message');
        const body: MessageDetailBody = {
          message: shown,
          versions: await versionsOf(store.read, message),
          timeline: await timelineOf(store.read, message, wait),
          deliveries: await deliveriesOf(options, message),
        };
        return { status: 200, body };
      },
    }),
  ];
}
