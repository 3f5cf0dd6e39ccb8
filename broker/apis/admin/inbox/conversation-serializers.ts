/** Serializes conversations, and the changes of groups, with the names of their contacts. Reads the contacts of a page together. */
import type { DispatchCapability } from '../../../../shared/capabilities.ts';
import { formatId } from '../../../../shared/ids.ts';
import { supportedBits } from '../../../core/capabilities/number-capabilities.ts';
import { capabilityNames } from '../../../core/model/capability.ts';
import type { Contact } from '../../../core/model/contact.ts';
import type { Conversation } from '../../../core/model/conversation.ts';
import type { GroupChange } from '../../../core/model/group-chat.ts';
import type { Message } from '../../../core/model/message.ts';
import type { OwnNumber } from '../../../core/model/number.ts';
import type { Tenant } from '../../../core/model/tenant.ts';
import type { Queries } from '../../../core/ports/store.ts';
import type { ConversationBody, GroupChangesBody } from './conversation-schemas.ts';
import { serializeMessage } from './message-serializers.ts';
import { contactNames, NO_SURROUNDINGS } from './rich-fields.ts';

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
  const names = new Map(
    found.flatMap(({ handle, name }) => (name === null ? [] : [[handle, name] as const])),
  );
  const surroundings = { ...NO_SURROUNDINGS, names };
  const optedOut = await read.suppressions.filterSuppressed(tenant.id, handles);
  const blocked = await read.senderRules.filterBlocked(tenant.id, handles);
  const numbers = await readNumbers(read, tenant, conversations);
  return conversations.map((conversation) => {
    const { id, recipient, isGroup, group, latest, participants } = conversation;
    const { number, capabilities } = numbers.get(conversation.numberId) ?? NO_NUMBER;
    const match = matches.get(id);
    return {
      id: formatId('conv', id),
      numberId: formatId('num', conversation.numberId),
      // A removed number is known from its messages only.
      ownNumber: number?.phoneNumber ?? latest?.ownNumber ?? '',
      numberLabel: number?.label ?? null,
      recipient,
      isGroup,
      name: group?.name ?? null,
      participants: participants.map((handle) => ({
        handle,
        ...contactFields(contacts.get(handle)),
        isOptedOut: optedOut.has(handle),
      })),
      leftAt: group?.leftAt ?? null,
      capabilities,
      ...contactFields(isGroup ? undefined : contacts.get(recipient)),
      isOptedOut: participants.some((handle) => optedOut.has(handle)),
      isBlocked: !isGroup && blocked.has(recipient),
      unreadCount: conversation.unreadCount,
      totalCount: conversation.totalCount,
      latest: latest === null ? null : serializeMessage(latest, tenant, { surroundings }),
      match: match === undefined ? null : serializeMessage(match, tenant, { surroundings }),
      updatedAt: conversation.updatedAt,
    };
  });
}

export async function serializeChanges(
  read: Queries,
  { id: tenantId }: Tenant,
  changes: readonly GroupChange[],
): Promise<GroupChangesBody> {
  const handles = changes.flatMap(({ kind, actor, value }) => [actor, kind === 'named' ? null : value]);
  const known = [...new Set(handles.flatMap((handle) => handle ?? []))];
  const names = await contactNames(read, tenantId, known);
  const nameOf = (handle: string | null) => (handle === null ? null : (names.get(handle) ?? null));
  return {
    changes: changes.map(({ kind, at, actor, value }) => ({
      ...{ kind, at, actor, value },
      actorName: nameOf(actor),
      valueName: kind === 'named' ? null : nameOf(value),
    })),
  };
}

interface KnownNumber {
  number: OwnNumber | undefined;
  capabilities: DispatchCapability[];
}

const NO_NUMBER: KnownNumber = { number: undefined, capabilities: [] };

async function readNumbers(
  read: Queries,
  tenant: Tenant,
  conversations: readonly Conversation[],
): Promise<Map<string, KnownNumber>> {
  const numbers = new Map<string, KnownNumber>();
  for (const id of new Set(conversations.map(({ numberId }) => numberId))) {
    const number = await read.numbers.find(tenant.id, id);
    const bits = number === undefined ? 0 : await supportedBits(read, number, tenant.environment);
    numbers.set(id, { number, capabilities: capabilityNames(bits) });
  }
  return numbers;
}

function contactFields(contact: Contact | undefined) {
  return {
    contactId: contact === undefined ? null : formatId('con', contact.id),
    contactName: contact?.name ?? null,
  };
}
