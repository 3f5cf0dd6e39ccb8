/** Reading conversations, page by page. */

import type { Caller } from '../../core/accounts/caller.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Message } from '../../core/model/message.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { hydraResponse } from './hydra.ts';
import { idIn } from './names.ts';
import { errorResponse, invalid, serializeMessages, type TextusContext } from './options.ts';
import { pageQuery, pageResponse } from './pagination.ts';
import * as schemas from './response-schemas.ts';
import { serializeConversation } from './serializers.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

type Serialized = Conversation & { latest: Message };

export function conversationOperations(options: TextusContext): Operation<Caller>[] {
  const { store, projector } = options;

  const conversationIn = async ({ credential }: Caller, params: Readonly<Record<string, string>>) => {
    await projector.catchUp();
    const found = await store.read.conversations.find(credential.tenant.id, idIn(params, 'Conversation'));
    if (found === undefined || !isShown(found)) throw notFound('Conversation');
    return found;
  };

  const serializeConversations = async (tenantId: number, conversations: readonly Serialized[]) => {
    const contacts = new Map<string, string>();
    for (const { recipient } of conversations) {
      const contact = await store.read.contacts.findByHandle(tenantId, recipient);
      if (contact !== undefined) contacts.set(recipient, contact.id);
    }
    return conversations.map((one) => serializeConversation(one, one.latest, contacts));
  };

  return [
    operation({
      id: 'listConversations',
      method: 'GET',
      path: '/:account/conversations',
      summary: 'List conversations, the newest activity first',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'One page.', schema: schemas.collectionOf(schemas.conversation) },
        404: errorResponse,
        422: invalid,
      },
      example: { params: { account: 'default' } },
      async handle(call) {
        const { id: tenantId } = call.caller.credential.tenant;
        await projector.catchUp();
        const { cursor: before, limit } = call.query;
        const found = await store.read.conversations.list({ tenantId }, { before, limit: limit + 1 });
        return pageResponse(call, {
          items: found.filter(isShown),
          totalItems: await store.read.conversations.countOf({ tenantId }),
          idOf: ({ latest }) => latest.id,
          show: (shown) => serializeConversations(tenantId, shown),
        });
      },
    }),
    operation({
      id: 'getConversation',
      method: 'GET',
      path: '/conversations/:id',
      summary: 'Get a conversation',
      permission: 'messages:read',
      responses: {
        200: { description: 'The conversation.', schema: schemas.conversation },
        404: errorResponse,
      },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const found = await conversationIn(caller, params);
        const [shown] = await serializeConversations(caller.credential.tenant.id, [found]);
        return hydraResponse(200, shown);
      },
    }),
    operation({
      id: 'listConversationMessages',
      method: 'GET',
      path: '/conversations/:id/messages',
      summary: "List a conversation's messages, newest first",
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'One page.', schema: schemas.collectionOf(schemas.message) },
        404: errorResponse,
        422: invalid,
      },
      example: { params: { id: ID } },
      async handle(call) {
        const conversation = await conversationIn(call.caller, call.params);
        const { cursor: before, limit } = call.query;
        return pageResponse(call, {
          items: await store.read.messages.thread(conversation, { before, limit: limit + 1 }),
          totalItems: conversation.totalCount,
          idOf: ({ id }) => id,
          show: (shown) => serializeMessages(options, conversation.tenantId, shown),
        });
      },
    }),
  ];
}

/** Something is left of it. */
function isShown(conversation: Conversation): conversation is Serialized {
  return conversation.latest !== null;
}
