/** Lists, reads and marks conversations. */
import { formatId } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { markAll } from '../../core/inbox/read-marks.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import { HomingError, notFound } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { cutPage } from '../../http/pagination.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { formatTime } from '../../http/timestamps.ts';
import {
  conversationDetail,
  conversationList,
  conversationsQuery,
  threadQuery,
  typingBody,
} from './conversation-schemas.ts';
import { serializeConversations } from './conversation-serializers.ts';
import { errorResponse } from './errors.ts';
import { pageContext } from './message-operations.ts';
import { serializeMessages } from './message-pages.ts';
import type { ConversationOptions } from './options.ts';
import { ownNumberId } from './own-number.ts';
import { messageList } from './schemas.ts';

export const CONVERSATION_ID = 'conv_01m7ypkdxffkmb6tyeck3vccad';
const CHANGES_SHOWN = 50;

/** @throws HomingError `not_found` */
export async function conversationIn(
  read: Queries,
  { credential }: Caller,
  shown: string | undefined,
): Promise<Conversation> {
  const id = idInPath('conv', shown, 'Conversation');
  const found = await read.conversations.find(credential.tenant.id, id);
  // A conversation whose messages were all deleted is shown only if it is a group.
  if (found === undefined || (found.latest === null && !found.isGroup)) throw notFound('Conversation');
  return found;
}

export function conversationOperations(options: ConversationOptions): Operation<Caller>[] {
  const { store, projector, context, signal } = options;
  const { read } = store;
  const page = pageContext(options);
  return [
    operation({
      id: 'listConversations',
      method: 'GET',
      path: '/v1/conversations',
      summary: 'List conversations, latest activity first',
      permission: 'messages:read',
      query: conversationsQuery,
      responses: {
        200: {
          description: 'A page of conversations. A new group is listed from its first message on.',
          schema: conversationList,
        },
        400: errorResponse,
      },
      example: { query: { limit: '20' } },
      async handle({ caller, query: { phone_number, unread, limit, cursor } }) {
        const tenantId = caller.credential.tenant.id;
        const numberId = (await ownNumberId(read, tenantId, phone_number, 'phone_number')) ?? undefined;
        await projector.catchUp();
        const only = unread === 'true' ? ('unread' as const) : undefined;
        const found = await read.conversations.list(
          { tenantId, numberId, only },
          { limit: limit + 1, before: cursor },
        );
        const byLatest = found.map((conversation) => ({ id: conversation.latest?.id ?? '', conversation }));
        const { rows, end } = cutPage('msg', byLatest, limit);
        const conversations = await serializeConversations(
          page,
          tenantId,
          rows.map(({ conversation }) => conversation),
        );
        return { status: 200, body: { conversations, ...end } };
      },
    }),
    operation({
      id: 'getConversation',
      method: 'GET',
      path: '/v1/conversations/:id',
      summary: 'Get a conversation',
      permission: 'messages:read',
      responses: {
        200: { description: 'The conversation.', schema: conversationDetail },
        404: errorResponse,
      },
      example: { params: { id: CONVERSATION_ID } },
      async handle({ caller, params }) {
        await projector.catchUp();
        // The changes first: the group that is read after them contains all of them.
        const changes = await read.groups.changesOf(
          idInPath('conv', params.id, 'Conversation'),
          CHANGES_SHOWN,
        );
        const found = await conversationIn(read, caller, params.id);
        const [row] = await serializeConversations(page, caller.credential.tenant.id, [found]);
        const shown = changes.map(({ kind, actor, value, at }) => ({
          kind,
          actor,
          value,
          at: formatTime(at),
        }));
        return { status: 200, body: { ...row, changes: shown } };
      },
    }),
    operation({
      id: 'listConversationMessages',
      method: 'GET',
      path: '/v1/conversations/:id/messages',
      summary: 'List the messages of a conversation, newest first',
      permission: 'messages:read',
      query: threadQuery,
      responses: {
        200: { description: 'A page of messages.', schema: messageList },
        400: errorResponse,
        404: errorResponse,
      },
      example: { params: { id: CONVERSATION_ID }, query: { limit: '20' } },
      async handle({ caller, params, query: { limit, cursor } }) {
        await projector.catchUp();
        const conversation = await conversationIn(read, caller, params.id);
        const found = await read.messages.thread(conversation, { limit: limit + 1, before: cursor });
        const { rows, end } = cutPage('msg', found, limit);
        return { status: 200, body: { messages: await serializeMessages(page, rows), ...end } };
      },
    }),
    operation({
      id: 'markConversationRead',
      method: 'POST',
      path: '/v1/conversations/:id/read',
      summary: 'Mark a conversation as read, and send the read receipt if the device can',
      // Reading alone must not change what other clients see as unread.
      permission: 'messages:send',
      responses: {
        204: { description: 'Marked. The read receipt was sent, or no device of the number can send it.' },
        404: errorResponse,
        409: {
          ...errorResponse,
          description: 'Marked here. The device that sends read receipts is offline.',
        },
      },
      errors: ['device_offline'],
      example: { params: { id: CONVERSATION_ID } },
      async handle({ caller, params }) {
        await projector.catchUp();
        const conversation = await conversationIn(read, caller, params.id);
        await markAll((step) => changeAs(store, caller, step), conversation, true, context.now);
        const outcome = await signal(caller.credential.tenant, conversation, { kind: 'read' });
        if (outcome === 'offline') {
          throw new HomingError(
            'device_offline',
            'The conversation is marked as read. The device is offline, so the sender gets no read receipt.',
          );
        }
        return { status: 204 };
      },
    }),
    operation({
      id: 'setTyping',
      method: 'POST',
      path: '/v1/conversations/:id/typing',
      summary: 'Show or hide that you are typing',
      permission: 'messages:send',
      body: typingBody,
      errors: ['device_offline', 'not_supported_by_device'],
      responses: {
        202: { description: 'Sent to the device. Typing is never queued.' },
        400: errorResponse,
        404: errorResponse,
        409: { ...errorResponse, description: 'The device is offline, or cannot show typing.' },
      },
      example: { params: { id: CONVERSATION_ID }, body: { state: 'start' } },
      async handle({ caller, params, body: { state } }) {
        await projector.catchUp();
        const conversation = await conversationIn(read, caller, params.id);
        const outcome = await signal(caller.credential.tenant, conversation, { kind: 'typing', state });
        if (outcome === 'sent') return { status: 202 };
        if (outcome === 'offline') {
          throw new HomingError('device_offline', 'No device of the number that shows typing is connected.');
        }
        throw new HomingError('not_supported_by_device', "No device of the number supports 'typing'.", {
          param: 'state',
          fix: 'Pair a Mac with imsg and its bridge, or with BlueBubbles and its Private API.',
        });
      },
    }),
  ];
}

export const conversationLocation = (id: string) => `/v1/conversations/${formatId('conv', id)}`;
