/** Lists and returns conversations and their messages. */

import type { Caller } from '../../core/accounts/caller.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Message } from '../../core/model/message.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponse, validationErrorResponse } from './errors.ts';
import { hydraResponse } from './hydra.ts';
import { pathId } from './iris.ts';
import { serializeMessages } from './message-serializers.ts';
import type { TextusOptions } from './options.ts';
import { pageQuery, pageResponse } from './pagination.ts';
import * as schemas from './response-schemas.ts';
import { serializeConversation } from './serializers.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

type WithLatest = Conversation & { latest: Message };

export function conversationOperations(options: TextusOptions): Operation<Caller>[] {
  const { store, projector } = options;

  const conversationIn = async ({ credential }: Caller, params: Readonly<Record<string, string>>) => {
    await projector.catchUp();
    const found = await store.read.conversations.find(credential.tenant.id, pathId(params, 'Conversation'));
    if (found === undefined || !hasLatest(found)) throw notFound('Conversation');
    return found;
  };

  const serializeConversations = async (tenantId: number, conversations: readonly WithLatest[]) => {
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
      summary: 'List conversations, latest activity first',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'A page of conversations.', schema: schemas.collectionOf(schemas.conversation) },
        404: errorResponse,
        422: validationErrorResponse,
      },
      example: { params: { account: 'default' } },
      async handle(request) {
        const { id: tenantId } = request.caller.credential.tenant;
        await projector.catchUp();
        const { cursor: before, limit } = request.query;
        const found = await store.read.conversations.list({ tenantId }, { before, limit: limit + 1 });
        return pageResponse(request, {
          items: found.filter(hasLatest),
          totalItems: await store.read.conversations.countOf({ tenantId }),
          idOf: ({ latest }) => latest.id,
          serialize: (page) => serializeConversations(tenantId, page),
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
        const [serialized] = await serializeConversations(caller.credential.tenant.id, [found]);
        return hydraResponse(200, serialized);
      },
    }),
    operation({
      id: 'listConversationMessages',
      method: 'GET',
      path: '/conversations/:id/messages',
      summary: 'List the messages of a conversation, newest first',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'A page of messages.', schema: schemas.collectionOf(schemas.message) },
        404: errorResponse,
        422: validationErrorResponse,
      },
      example: { params: { id: ID } },
      async handle(request) {
        const conversation = await conversationIn(request.caller, request.params);
        const { cursor: before, limit } = request.query;
        return pageResponse(request, {
          items: await store.read.messages.thread(conversation, { before, limit: limit + 1 }),
          totalItems: conversation.totalCount,
          idOf: ({ id }) => id,
          serialize: (page) => serializeMessages(options, conversation.tenantId, page),
        });
      },
    }),
  ];
}

/** A conversation whose messages were all deleted has no latest message and is hidden. */
function hasLatest(conversation: Conversation): conversation is WithLatest {
  return conversation.latest !== null;
}
