/** The conversations of a number: one with each correspondent, and one of each group. */
import { formatUuid, readUuid } from '../../../shared/ids.ts';
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { updateConversation } from '../../core/inbox/inbox.ts';
import { type ConversationKey, conversationId } from '../../core/model/conversation.ts';
import { notFound } from '../../core/model/errors.ts';
import type { OwnNumber } from '../../core/model/number.ts';
import type { Queries } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { numberOf } from './number-access.ts';
import type { InkboxContext } from './options.ts';
import {
  conversationSchema,
  conversationUpdateBody,
  conversationUpdateResponse,
  errorResponse,
  invalid,
  pageQuery,
  textSchema,
} from './schemas.ts';
import { handleOf, serializeConversation, serializeTexts } from './serializers.ts';

const NUMBER_ID = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';

export function conversationOperations(options: InkboxContext): Operation<Caller>[] {
  const { store, projector, projectionContext } = options;
  const refusals = { 401: errorResponse, 403: errorResponse, 404: errorResponse, 422: invalid };

  return [
    operation({
      id: 'listConversations',
      method: 'GET',
      path: '/numbers/:id/texts/conversations',
      summary: 'List the conversations of a number, the one with the newest text first',
      permission: 'messages:read',
      query: pageQuery,
      responses: { 200: { description: 'One page.', schema: conversationSchema.array() }, ...refusals },
      example: { params: { id: NUMBER_ID }, query: { limit: '20' } },
      async handle({ caller, params, query }) {
        const number = await numberOf(store.read, caller, params.id);
        await projector.catchUp();
        const of = { tenantId: number.tenantId, numberId: number.id };
        const found = await store.read.conversations.list(of, query);
        return {
          status: 200,
          body: found.flatMap((conversation) =>
            conversation.latest === null ? [] : [serializeConversation(conversation, conversation.latest)],
          ),
        };
      },
    }),
    operation({
      id: 'getConversation',
      method: 'GET',
      path: '/numbers/:id/texts/conversations/:remote_number',
      summary: 'List every text with somebody, newest first',
      permission: 'messages:read',
      query: pageQuery,
      responses: { 200: { description: 'One page.', schema: textSchema.array() }, ...refusals },
      example: { params: { id: NUMBER_ID, remote_number: '+15005550014' }, query: { limit: '20' } },
      async handle({ caller, params, query }) {
        const number = await numberOf(store.read, caller, params.id);
        await projector.catchUp();
        const key = await namedConversation(store.read, number, params.remote_number!);
        const texts = key === undefined ? [] : await store.read.messages.thread(key, query);
        return { status: 200, body: await serializeTexts(options, number.tenantId, texts) };
      },
    }),
    operation({
      id: 'updateConversation',
      method: 'PATCH',
      path: '/numbers/:id/texts/conversations/:remote_number',
      summary: 'Mark every text that came from somebody as read or unread',
      permission: 'messages:read',
      body: conversationUpdateBody,
      responses: {
        200: { description: 'How many were changed.', schema: conversationUpdateResponse },
        ...refusals,
      },
      example: { params: { id: NUMBER_ID, remote_number: '+15005550014' }, body: { is_read: true } },
      async handle({ caller, params, body: { is_read } }) {
        await projector.catchUp();
        return changeAs(store, caller, async (tx) => {
          const number = await numberOf(tx, caller, params.id);
          const key = await namedConversation(tx, number, params.remote_number!);
          const conversation =
            key === undefined ? undefined : await tx.conversations.find(number.tenantId, conversationId(key));
          if (conversation === undefined || conversation.latest === null) throw notFound('Conversation');
          return {
            status: 200,
            body: {
              remote_phone_number: handleOf(conversation),
              conversation_id: formatUuid(conversation.id),
              is_read,
              updated_count: await updateConversation(tx, conversation, is_read, projectionContext()),
            },
          };
        });
      },
    }),
  ];
}

/** By the correspondent, or by its own id, as groups are. */
async function namedConversation(
  queries: Queries,
  number: OwnNumber,
  name: string,
): Promise<ConversationKey | undefined> {
  const id = readUuid(name);
  if (id !== undefined) {
    const found = await queries.conversations.find(number.tenantId, id);
    return found?.numberId === number.id ? found : undefined;
  }
  // A `+` that was taken for an escape on its way here is a space.
  const recipient = normalizeHandle(name.replace(/^ (?=\d)/, '+'));
  return { tenantId: number.tenantId, numberId: number.id, recipient, isGroup: false };
}
