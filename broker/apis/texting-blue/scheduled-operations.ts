/** Lists scheduled messages. They are cancelled like other messages. */
import { z } from 'zod';
import type { Caller } from '../../core/accounts/caller.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { cursorOf, cutPage, pageLimit } from '../../http/pagination.ts';
import { errorResponse } from './errors.ts';
import { type PageContext, serializeMessages } from './message-pages.ts';
import { messageList } from './schemas.ts';

const NOT_A_CURSOR = "'cursor' is not the id of a scheduled message.";

const scheduledQuery = z.object({ limit: pageLimit(100), cursor: cursorOf('msg', NOT_A_CURSOR) });

export function listScheduled(page: PageContext): Operation<Caller> {
  const { read } = page;
  return operation({
    id: 'listScheduledMessages',
    method: 'GET',
    path: '/v1/messages/scheduled',
    summary: 'List scheduled messages, earliest first',
    permission: 'messages:read',
    query: scheduledQuery,
    responses: {
      200: { description: 'A page of messages.', schema: messageList },
      400: errorResponse,
    },
    example: { query: { limit: '20' } },
    async handle({ caller, query: { limit, cursor } }) {
      const tenantId = caller.credential.tenant.id;
      const after = cursor === undefined ? undefined : await read.messages.find(tenantId, cursor);
      if (cursor !== undefined && after?.sendAt == null) throw invalidRequest(NOT_A_CURSOR, 'cursor');
      const { now } = page.waitContext();
      const found = await read.messages.scheduled(tenantId, { now, limit: limit + 1, after });
      const { rows, end } = cutPage('msg', found, limit);
      const messages = await serializeMessages(page, rows);
      return { status: 200, body: { messages, ...end } };
    },
  });
}
