/** Lists, reads and updates the conversations of a number, with single recipients and with groups. */
import { formatUuid, readUuid } from '../../../shared/ids.ts';
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { markAll } from '../../core/inbox/read-marks.ts';
import { type ConversationKey, conversationId } from '../../core/model/conversation.ts';
import { notFound } from '../../core/model/errors.ts';
import type { OwnNumber } from '../../core/model/number.ts';
import type { Queries } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponses } from './errors.ts';
import { assertMayRead, numberOf } from './number-access.ts';
import type { InkboxOptions } from './options.ts';
import {
  conversationSchema,
  conversationUpdateBody,
  conversationUpdateResponse,
  pageQuery,
  textSchema,
} from './schemas.ts';
import { handleOf, serializeConversation, serializeTexts } from './serializers.ts';

const NUMBER_ID = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';

export function conversationOperations(options: InkboxOptions): Operation<Caller>[] {
  const { store, projector, projectionContext } = options;
  return [
    operation({
      id: 'listConversations',
      method: 'GET',
      path: '/numbers/:id/texts/conversations',
      summary: 'List the conversations of a number, latest first',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'A page of conversations.', schema: conversationSchema.array() },
        ...errorResponses,
      },
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
      summary: 'List the texts of a conversation, newest first',
      permission: 'messages:read',
      query: pageQuery,
      responses: { 200: { description: 'A page of texts.', schema: textSchema.array() }, ...errorResponses },
      example: { params: { id: NUMBER_ID, remote_number: '+15005550014' }, query: { limit: '20' } },
      async handle({ caller, params, query }) {
        const number = await numberOf(store.read, caller, params.id);
        await projector.catchUp();
        const key = await conversationKeyOf(store.read, number, params.remote_number);
        const texts = key === undefined ? [] : await store.read.messages.thread(key, query);
        return { status: 200, body: await serializeTexts(options, number.tenantId, texts) };
      },
    }),
    operation({
      id: 'updateConversation',
      method: 'PATCH',
      path: '/numbers/:id/texts/conversations/:remote_number',
      summary: 'Mark the inbound texts of a conversation as read or unread',
      // Reading alone must not change what other clients see as unread.
      permission: 'messages:send',
      body: conversationUpdateBody,
      responses: {
        200: { description: 'Number of updated texts.', schema: conversationUpdateResponse },
        ...errorResponses,
      },
      example: { params: { id: NUMBER_ID, remote_number: '+15005550014' }, body: { is_read: true } },
      async handle({ caller, params, body: { is_read } }) {
        assertMayRead(caller);
        await projector.catchUp();
        const number = await numberOf(store.read, caller, params.id);
        const key = await conversationKeyOf(store.read, number, params.remote_number);
        const conversation =
          key && (await store.read.conversations.find(number.tenantId, conversationId(key)));
        if (conversation === undefined || conversation.latest === null) throw notFound('Conversation');
        const updated = await markAll(
          (step) => changeAs(store, caller, step),
          conversation,
          is_read,
          () => projectionContext().now,
        );
        return {
          status: 200,
          body: {
            remote_phone_number: handleOf(conversation),
            conversation_id: formatUuid(conversation.id),
            is_read,
            updated_count: updated,
          },
        };
      },
    }),
  ];
}

/** Finds a conversation by the recipient's number or, for groups, by its id. */
async function conversationKeyOf(
  queries: Queries,
  number: OwnNumber,
  name = '',
): Promise<ConversationKey | undefined> {
  const id = readUuid(name);
  if (id !== undefined) {
    const found = await queries.conversations.find(number.tenantId, id);
    return found?.numberId === number.id ? found : undefined;
  }
  // An unescaped `+` in a URL arrives as a space.
  const recipient = normalizeHandle(name.replace(/^ (?=\d)/, '+'));
  return { tenantId: number.tenantId, numberId: number.id, recipient, isGroup: false };
}
