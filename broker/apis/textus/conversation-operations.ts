/** Reading conversations, page by page. */

import type { Customer } from '../../core/accounts/caller.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Message } from '../../core/model/message.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { hydraAnswer } from './hydra.ts';
import { idIn } from './names.ts';
import { invalid, refused, showMessages, type TextusServices } from './options.ts';
import { pageAnswer, pageQuery } from './pagination.ts';
import * as shapes from './response-schemas.ts';
import { showConversation } from './serializers.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

type Shown = Conversation & { latest: Message };

export function conversationOperations(services: TextusServices): Operation<Customer>[] {
  const { store, projector } = services;

  const conversationIn = async ({ credential }: Customer, params: Readonly<Record<string, string>>) => {
    await projector.catchUp();
    const found = await store.read.conversations.find(credential.tenant.id, idIn(params, 'Conversation'));
    if (found === undefined || !isShown(found)) throw notFound('Conversation');
    return found;
  };

  const showConversations = async (tenantId: number, conversations: readonly Shown[]) => {
    const contacts = new Map<string, string>();
    for (const { peer } of conversations) {
      const contact = await store.read.contacts.findByHandle(tenantId, peer);
      if (contact !== undefined) contacts.set(peer, contact.id);
    }
    return conversations.map((one) => showConversation(one, one.latest, contacts));
  };

  return [
    operation({
      id: 'listConversations',
      method: 'GET',
      path: '/:account/conversations',
      summary: 'List conversations, the newest activity first',
      permission: 'messages:read',
      query: pageQuery,
      answers: {
        200: { description: 'One page.', schema: shapes.collectionOf(shapes.conversation) },
        404: refused,
        422: invalid,
      },
      example: { params: { account: 'default' } },
      async handle(call) {
        const { id: tenantId } = call.caller.credential.tenant;
        await projector.catchUp();
        const { cursor: before, limit } = call.query;
        const found = await store.read.conversations.list({ tenantId }, { before, limit: limit + 1 });
        return pageAnswer(call, {
          items: found.filter(isShown),
          totalItems: await store.read.conversations.countOf({ tenantId }),
          idOf: ({ latest }) => latest.id,
          show: (shown) => showConversations(tenantId, shown),
        });
      },
    }),
    operation({
      id: 'getConversation',
      method: 'GET',
      path: '/conversations/:id',
      summary: 'Get a conversation',
      permission: 'messages:read',
      answers: { 200: { description: 'The conversation.', schema: shapes.conversation }, 404: refused },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const found = await conversationIn(caller, params);
        const [shown] = await showConversations(caller.credential.tenant.id, [found]);
        return hydraAnswer(200, shown);
      },
    }),
    operation({
      id: 'listConversationMessages',
      method: 'GET',
      path: '/conversations/:id/messages',
      summary: "List a conversation's messages, newest first",
      permission: 'messages:read',
      query: pageQuery,
      answers: {
        200: { description: 'One page.', schema: shapes.collectionOf(shapes.message) },
        404: refused,
        422: invalid,
      },
      example: { params: { id: ID } },
      async handle(call) {
        const conversation = await conversationIn(call.caller, call.params);
        const { cursor: before, limit } = call.query;
        return pageAnswer(call, {
          items: await store.read.messages.thread(conversation, { before, limit: limit + 1 }),
          totalItems: conversation.totalCount,
          idOf: ({ id }) => id,
          show: (shown) => showMessages(services, conversation.tenantId, shown),
        });
      },
    }),
  ];
}

/** Something is left of it. */
function isShown(conversation: Conversation): conversation is Shown {
  return conversation.latest !== null;
}
