/** Serializes conversations with the names of their contacts. Reads the contacts of a page together. */
import { formatId } from '../../../../shared/ids.ts';
import type { Contact } from '../../../core/model/contact.ts';
import type { Conversation } from '../../../core/model/conversation.ts';
import type { Message } from '../../../core/model/message.ts';
import type { OwnNumber } from '../../../core/model/number.ts';
import type { Tenant } from '../../../core/model/tenant.ts';
import type { Queries } from '../../../core/ports/store.ts';
import type { ConversationBody } from './conversation-schemas.ts';
import { serializeMessage } from './message-serializers.ts';

/** `matches`: messages that a search found, by conversation. */
export async function serializeConversations(
  read: Queries,
  tenant: Tenant,
  conversations: readonly Conversation[],
  matches: ReadonlyMap<string, Message> = new Map(),
): Promise<ConversationBody[]> {
  const handles = [...new Set(conversations.flatMap(({ participants }) => participants))];
  const found = await read.contacts.findByHandles(tenant.id, handles);
  const contacts = new Map(found.map((contact) => [contact.handle, contact]));
  const recipients = conversations.filter(({ isGroup }) => !isGroup).map(({ recipient }) => recipient);
  const optedOut = await read.suppressions.filterSuppressed(tenant.id, recipients);
  const numbers = new Map<string, OwnNumber | undefined>();
  for (const id of new Set(conversations.map(({ numberId }) => numberId))) {
    numbers.set(id, await read.numbers.find(tenant.id, id));
  }
  return conversations.map((conversation) => {
    const { id, recipient, isGroup, latest } = conversation;
    const number = numbers.get(conversation.numberId);
    const match = matches.get(id);
    return {
      id: formatId('conv', id),
      numberId: formatId('num', conversation.numberId),
      // A removed number is known from its messages only.
      ownNumber: number?.phoneNumber ?? latest?.ownNumber ?? '',
      numberLabel: number?.label ?? null,
      recipient,
      isGroup,
      participants: conversation.participants.map((handle) => ({
        handle,
        ...contactFields(contacts.get(handle)),
      })),
      ...contactFields(isGroup ? undefined : contacts.get(recipient)),
      isOptedOut: optedOut.has(recipient),
      unreadCount: conversation.unreadCount,
      totalCount: conversation.totalCount,
      latest: latest === null ? null : serializeMessage(latest, tenant),
      match: match === undefined ? null : serializeMessage(match, tenant),
      updatedAt: conversation.updatedAt,
    };
  });
}

function contactFields(contact: Contact | undefined) {
  return {
    contactId: contact === undefined ? null : formatId('con', contact.id),
    contactName: contact?.name ?? null,
  };
}
